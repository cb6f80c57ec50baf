/// What a run will take of memory and links, as `apus-worker plan` tells `apus plan`. Sizes in bytes.
public struct MemoryReport: Sendable, Equatable, Codable {
    public var ranks: Int
    public var hosts: Int
    /// Of the host that has the most.
    public var ranksPerHost: Int
    /// Resident at its peak, of the rank that needs the most: what is private to it, and what it touches of what its host's ranks
    /// share.
    public var bytesPerRank: Int
    /// Of the host that needs the most; what its ranks share counts once.
    public var bytesPerHost: Int
    /// Of these, in memory that its ranks share.
    public var sharedBytesPerHost: Int
    /// Of a process before its first arena.
    public var baseBytes: Int
    /// Of these, pages of files, which ranks of one host have in common.
    public var sharedBaseBytes: Int
    /// What the memory of the rank that needs the most is for.
    public var memory: [Part]
    /// Of `bytesPerHost`, what the system cannot take back.
    public var bytesNeeded: Int
    /// What a host has; nil where nobody knows.
    public var hostBytes: Int?
    /// What is free on this host now.
    public var availableBytes: Int?
    public var fits: Bool
    /// Why it does not fit, and what would.
    public var refusal: String?
    /// Settings that would fit.
    public var suggestions: [Setting]
    /// To other hosts, by the busiest rank.
    public var bytesSentPerRankAndStep: Int
    /// Messages of that rank.
    public var messagesSentPerRankAndStep: Int
    /// To other hosts, by the busiest host.
    public var bytesSentPerHostAndStep: Int
    public var slotsOfBusiestRank: Int
    /// Subtrees that all ranks bring to a reduction.
    public var partialsOfAllRanks: Int
    public var evaluationSequences: Int
    /// Measured on this host, one core.
    public var sgemmGflops: Double
    /// What a probe on this host can be.
    public var probe: ProbeSize?
    /// Why there can be none.
    public var probeSkipped: String?

    public init(
        ranks: Int, hosts: Int, ranksPerHost: Int, bytesPerRank: Int, bytesPerHost: Int, sharedBytesPerHost: Int,
        baseBytes: Int, sharedBaseBytes: Int, memory: [Part], bytesNeeded: Int, hostBytes: Int?, availableBytes: Int?,
        fits: Bool, refusal: String?, suggestions: [Setting], bytesSentPerRankAndStep: Int,
        messagesSentPerRankAndStep: Int, bytesSentPerHostAndStep: Int, slotsOfBusiestRank: Int, partialsOfAllRanks: Int,
        evaluationSequences: Int,
        sgemmGflops: Double, probe: ProbeSize?, probeSkipped: String?
    ) {
        self.ranks = ranks
        self.hosts = hosts
        self.ranksPerHost = ranksPerHost
        self.bytesPerRank = bytesPerRank
        self.bytesPerHost = bytesPerHost
        self.sharedBytesPerHost = sharedBytesPerHost
        self.baseBytes = baseBytes
        self.sharedBaseBytes = sharedBaseBytes
        self.memory = memory
        self.bytesNeeded = bytesNeeded
        self.hostBytes = hostBytes
        self.availableBytes = availableBytes
        self.fits = fits
        self.refusal = refusal
        self.suggestions = suggestions
        self.bytesSentPerRankAndStep = bytesSentPerRankAndStep
        self.messagesSentPerRankAndStep = messagesSentPerRankAndStep
        self.bytesSentPerHostAndStep = bytesSentPerHostAndStep
        self.slotsOfBusiestRank = slotsOfBusiestRank
        self.partialsOfAllRanks = partialsOfAllRanks
        self.evaluationSequences = evaluationSequences
        self.sgemmGflops = sgemmGflops
        self.probe = probe
        self.probeSkipped = probeSkipped
    }

    /// What some of a rank's memory is for.
    public struct Part: Sendable, Equatable, Codable {
        public var name: String
        public var bytes: Int
        /// Ranks of the host have it in common, or it is a neighbour's.
        public var isShared: Bool

        public init(name: String, bytes: Int, isShared: Bool) {
            self.name = name
            self.bytes = bytes
            self.isShared = isShared
        }
    }

    /// Another way to run the same model and global batch.
    public struct Setting: Sendable, Equatable, Codable {
        /// What to change, as in "--set batch.slot=2" or "--ranks 4".
        public var changes: [String]
        /// Of the host that needs the most then.
        public var bytes: Int

        public init(changes: [String], bytes: Int) {
            self.changes = changes
            self.bytes = bytes
        }
    }
}
