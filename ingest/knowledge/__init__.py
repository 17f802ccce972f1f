"""The contract that writer and readers of knowledge share: documents, passages, embedder, index."""
