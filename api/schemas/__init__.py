"""What goes over the wire: the one vocabulary of API, app and command line."""
