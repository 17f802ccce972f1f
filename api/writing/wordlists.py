"""The words by which checks tell one meaning from its opposite; each list is small, closed and meant to be read."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SAME: tuple[frozenset[str], ...] = tuple(
    _words(group)
    for group in (
        "alert page fire trigger warn",
        "accept take took taken",
        "allow let permit",
        "become became",
        "begin began begun",
        "break broke broken",
        "bring brought",
        "build built",
        "catch caught",
        "choose chose chosen",
        "come came",
        "drive drove driven",
        "fall fell fallen",
        "find found",
        "freeze froze frozen",
        "give gave given",
        "go went gone",
        "grow grew grown",
        "hold held",
        "keep kept continue go went",
        "know knew known",
        "leave left",
        "make made",
        "mean meant",
        "rise rose risen",
        "run ran",
        "say said tell told",
        "see saw seen",
        "send sent",
        "shut closed",
        "speak spoke spoken",
        "stand stood",
        "stick stuck",
        "wake woke woken",
        "write wrote written",
        "answer respond reply response",
        "begin start launch",
        "bad wrong faulty broken",
        "big large great",
        "brief short",
        "bug defect",
        "call phone contact",
        "check verify confirm ensure validate",
        "clean clear tidy",
        "client customer user shopper reader",
        "close shut",
        "copy clone replicate replica duplicate",
        "cut shrink reduce lower decrease drop",
        "document runbook page guide manual",
        "delete remove erase drop",
        "deploy release ship roll rollout",
        "empty blank",
        "error failure fault fail",
        "fast quick rapid",
        "fetch get read obtain take retrieve",
        "find locate look search discover see",
        "fix repair mend solve resolve remedy",
        "grow increase raise rise enlarge extend expand",
        "happen occur take taken run",
        "hold keep contain store retain have include",
        "host node machine server",
        "inspect look view examine see show list display print read",
        "investigate debug diagnose analyse",
        "last take need require",
        "limit cap maximum ceiling bound",
        "lose lost loss",
        "mail email",
        "mean signify indicate denote",
        "move switch change shift",
        "notify tell inform",
        "often frequently frequent",
        "own owner belong",
        "process handle work",
        "reach hit exceed pass",
        "return back revert",
        "run execute issue invoke perform type",
        "send deliver transmit",
        "set configure put adjust",
        "slow late sluggish delay behind",
        "stop halt end cease",
        "time period while duration interval",
        "wait pause hold",
        "write record note",
    )
)
"""Words that may stand for each other in a paraphrase, as dictionary forms."""

OPPOSITES: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (_words(first), _words(second))
    for first, second in (
        ("before prior beforehand until", "after afterwards following once"),
        (
            "increase increases increased raise raises raised grow grows grew rise rises rose enlarge",
            "decrease decreases decreased reduce reduces reduced lower lowers lowered fall falls fell shrink",
        ),
        ("more", "less fewer"),
        ("up", "down"),
        ("enable enables enabled turnedon", "disable disables disabled turnedoff"),
        ("start starts started starting begin begins continue continues", "stop stops stopped stopping halt halts"),
        ("allow allows allowed permit permits permitted may", "forbid forbids forbidden deny denies denied prohibited"),
        ("primary master leader", "standby replica secondary follower slave"),
        ("first oldest earliest", "last newest latest"),
        ("open opens opened", "close closes closed"),
        ("above over exceed exceeds", "below under"),
        ("active", "inactive"),
        ("automatic automatically", "manual manually hand"),
        ("synchronous", "asynchronous"),
        ("safe harmless", "unsafe dangerous destructive danger"),
        ("add adds added attach", "remove removes removed delete deletes deleted drop drops dropped detach"),
        ("success succeed succeeds succeeded successful", "fail fails failed failure failing"),
        ("internal", "external"),
        ("fast faster quick quicker", "slow slower slowly"),
        ("high higher highest", "low lower lowest"),
        ("maximum max", "minimum min"),
        ("staging test", "production live"),
        ("upstream", "downstream"),
        ("optional", "mandatory required"),
        ("always", "never"),
        ("inside within", "outside"),
        ("empty", "full"),
        ("read reads", "write writes"),
        ("lock locks locked", "unlock unlocks unlocked"),
        ("healthy usable", "unhealthy unusable"),
        ("same", "different other another"),
        ("true", "false"),
        ("encrypted", "unencrypted plain"),
        ("accept accepts accepted", "reject rejects rejected refuse refuses refused"),
        ("include includes included", "exclude excludes excluded"),
        ("send sends sent", "receive receives received"),
        ("create creates created", "delete deletes deleted destroy destroys destroyed"),
        ("connect connects connected", "disconnect disconnects disconnected"),
        ("grant grants granted", "revoke revokes revoked"),
        ("old older previous", "new newer next"),
        ("early earlier", "late later"),
        ("short shorter", "long longer"),
        ("small smaller smallest", "large larger largest big bigger biggest"),
        ("public", "private"),
        ("online", "offline"),
        ("push pushes", "pull pulls"),
        ("valid", "invalid"),
        ("known", "unknown"),
        ("good fine", "bad"),
        ("pass passes passed", "fail fails failed"),
        ("promote promotes promoted", "demote demotes demoted"),
        ("keep keeps kept", "discard discards discarded drop drops dropped"),
    )
)
"""Words of which the one must not be said where the source says the other."""

STRONG: tuple[frozenset[str], ...] = tuple(
    _words(group)
    for group in (
        "always every all each whole entire everything everyone both never",
        "never",
        "only sole solely alone just exclusively except",
        "must required require requires mandatory have need needs shall always never",
        "safe safely harmless risk-free",
        "guarantee guarantees guaranteed ensures",
        "definitely certainly surely undoubtedly obviously clearly certain sure absolutely",
        "immediately instantly urgent urgently",
        "fully completely entirely totally",
        "known confirmed proven established",
        "best recommended recommend prefer preferred should",
        "unlimited",
    )
)
"""Words that claim more than a plain statement; one may be said only where the source says one of its group."""

CAUSAL = _words(
    "because cause causes caused causing due therefore hence thus consequently owing leads led leading resulted "
    "results resulting triggered triggers blame responsible why reason made makes"
)
"""Words that claim a cause."""

CAUSE_TOLD = CAUSAL | _words(
    "since so as root contributing factor factors by which trigger let from after follows means happens => →"
)
"""Words by which a source may tell one."""

NEGATORS = _words(
    "not no never none nobody nothing cannot without neither nor avoid avoids forbidden forbid forbids prohibited "
    "don't doesn't didn't isn't aren't wasn't weren't can't couldn't won't wouldn't shouldn't mustn't hasn't "
    "haven't needn't"
)
"""Words that turn what follows them into its opposite."""

HALF_NEGATORS = _words(
    "stop stops unless instead refuse refuses refused lack lacks missing rather down fail fails failed unable reject "
    "rejects rejected"
)
"""Words that a paraphrase may say with a "not": what refuses writes does not take them."""

CONDITIONS = _words(
    "if unless only except until provided when where once while case as should after before whether for with "
    "during whenever above below more less on"
)
"""Words by which a paraphrase keeps a condition."""

GLUE = _words(
    "about additionally again almost although anew apart approximately around aside back besides case come comes "
    "despite during duration either else even eventually finally found further furthermore generally goes going "
    "happen happened happens hence however instead involved involves later least left like mean means meant "
    "meanwhile moreover nearly nevertheless next now occur occurred occurs otherwise part place possible rather "
    "regard regarding remain remains respectively roughly similarly simply since stay stayed stays still such "
    "themselves then there therefore thing things though thus time times together total toward towards try until "
    "upon usual used well whatever whenever whereby whether architecture system number amount able kind sort way "
    "matter fact reason due owing contributing factor entry less more fewer directly right away"
)
"""Words that a paraphrase may add: they tie what is said together and say nothing themselves."""

NEUTRAL = _words(
    "according document documents documentation runbook state states stated says said describe describes "
    "described note notes mention mentions section step steps order also currently here table listed lists value "
    "excerpt postmortem page using via command following follow follows e.g i.e etc per and/or another itself "
    "already"
)
"""Words of a paraphrase that claim nothing."""
