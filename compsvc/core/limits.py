"""Every size that a plan may have, in one place, each with its reason.

`money x numerator x denominator` has to stay below 2**126 (half of a signed 128-bit integer, so that one sum of two
products still fits). 10**15 < 2**50, so 2**76 is left for a rate's numerator and denominator together with those
of `base`; every run proves it again for the figures of the assignments.
"""

MAX_PLAN_BYTES = 256 * 1024  # the longest real plans are 20 KiB; beyond this somebody has sent something else
MAX_PLAN_DEPTH = 12  # the deepest path of the language has 8 steps; deeper nesting is an attack on the stack
MAX_PLAN_NODES = 20_000  # keys and values after aliases are followed: stops "a billion laughs"
MAX_ALIASES = 50  # an alias saves typing; more of them hide what a plan pays
MAX_SCALAR_CHARACTERS = 2_000  # a title, a condition, an amount; keeps messages readable
MAX_PROBLEMS = 200  # more are not read; the last one says that there are more

MAX_CREDIT_RULES = 64  # of one plan: what one durable_rules ruleset was measured safe with
MAX_COMPONENTS = 64  # more than anyone can be paid by, and keeps every run bounded
MAX_TIERS = 50  # published tables have up to 12; each tier is a knot of every curve
MAX_CONDITION_VALUES = 500  # constants of one field that one ruleset was measured safe with
MAX_RULES = 4_096  # that a matcher takes as one set
MAX_FIELDS = 250  # of one set
MAX_RULE_CONSTANTS = 500  # of one rule, all its fields together
MAX_PROBES = 1_000  # of each sort, that a plan's matcher is put to the test with
MAX_LIVE_REVISIONS = 128  # rule sets held by durable_rules, at 0.3 to 3.4 MB each (5 to 100 rules)
MAX_KEPT_ANSWERS = 65_536  # of durable_rules for one revision
MAX_GATES = 10  # of one component
MAX_LEVELS = 20  # of managers, or of parents of an account, one above the other
MAX_NAME_CHARACTERS = 63  # names are resource ids (AIP-122)
MAX_TITLE_CHARACTERS = 200  # one line of a statement

MAX_AMOUNT_MINOR = 10**15  # ten trillion in cents; see above
MAX_RATE = 100  # 10,000%: a rate above it is a typing error
MAX_RATE_DENOMINATOR = 10**9  # seven decimals of a percentage; with MAX_RATE below 2**67 for numerator x denominator
MAX_FX_RATE = 1_000_000  # units of one currency for one of another; the greatest real ones are below 100,000
MAX_DENOMINATOR = 2**109  # of a ratio that amounts are multiplied by in digits of 16 bits: both fit 2**126
MAX_SHARE_DENOMINATOR = 1_000_000_000  # common to the shares of a deal, or of a role; amounts are shared out over it
MAX_QUOTA_DENOMINATOR = 10_000  # common to the shares of one schedule of quotas: two decimals of a percentage
MAX_RAMP_UP_MONTHS = 36  # nobody is new for longer
MAX_COUNT = 1_000_000  # of logos, deals, units in one clause
MAX_MONTHS = 600  # fifty years
MAX_DAYS = 18_300  # fifty years
MAX_YEAR = 2199  # dates are compared as yyyymmdd in 64 bits; a later year is a typing error
MIN_YEAR = 1990

MAX_MESSAGE_BYTES = 16 * 1024 * 1024  # of one gRPC message: a full batch of deals of 1.5 KiB each
MAX_BATCH_ROWS = 10_000  # of one request: checked, stored and answered in about a second
MAX_ROWS_TOGETHER = 500  # of a request that is checked and stored together with others; a larger one is worth its own
MAX_ID_CHARACTERS = 200  # of participants, accounts, deals: names of firms are used as ids
MAX_TEXT_CHARACTERS = 2_000  # of any other text of a fact; reasons are sentences, not documents
MAX_ATTRIBUTES = 100  # custom fields of one deal; each is a column of the calculation
MAX_DEAL_PARTS = 200  # lines, stages of a line, splits, roles, replaced lines: of one deal, each
MAX_WHAT_IF_CHANGES = 50  # somebody tries a quarter, not another company; each preview is a calculation of its own
MAX_TERMS_FILES = 20  # that a plan may name
MAX_CANDIDATES = 20  # plan texts of one simulation: more than any company changes at one time
MAX_COMPARED_DEALS = 20  # of one participant, shown behind a difference; the rest is told as a number
MAX_PAGE_SIZE = 500  # asked for more, this many come
DEFAULT_PAGE_SIZE = 50
MAX_PAGE_TOKEN_CHARACTERS = 8_000  # five ids of the greatest length, encoded
MAX_VIOLATIONS = 200  # told at once; errors travel in trailers, which gRPC limits to a few KiB
MAX_ERROR_BYTES = 6_000  # of a whole error, for the same reason: the clients' default limit is 8 KiB
MAX_TOKEN_DAYS = 366  # a token cannot be called back, so it must end by itself

KEYS_AT_ONCE = 1_000  # rows of a request that are looked up together: two values each, far below what a database takes
MAX_IDLE_READERS = 16  # connections to the book that wait for the next read; as many as there are workers
MAX_KEPT_STATEMENTS = 4_096  # kept for who asks again while the book stands still, of ten to twenty KiB each
DEFAULT_WORKERS = 16  # calls at work at one time
MAX_WORKERS = 256  # each is a thread; the calculation takes one at a time anyway
MAX_WAITING_CALLS = 64  # that wait for a worker; more are refused at once
MAX_GRACE_SECONDS = 600  # that running calls get when a server stops; a supervisor kills it long before

BUSY_SECONDS = 10  # that a writer waits for another process before it gives up
CHUNK_ROWS = 50_000  # of the book that are Python objects at one time while frames are built

MIN_FREE_BYTES = 256 * 1024 * 1024  # of the disk of a book: below it a month's deals may not fit
MIN_CERTIFICATE_DAYS = 30  # that a certificate has to hold: time to get a new one
MAX_CLOCK_SECONDS = 5  # that the book's newest entry may lie ahead of the clock
