/// What the launches that go on leave free of a host.
struct Room {
    private(set) var cores: Int
    private(set) var bytes: Double
    private var guests = 0

    /// What a launch takes while it goes on.
    struct Claim: Equatable {
        let ranks: Int
        let cores: Int
        var bytes = 0.0
    }

    /// - Parameter bytes: infinity where memory is no matter.
    init(cores: Int, bytes: Double = .infinity) {
        self.cores = cores
        self.bytes = bytes
    }

    /// Whether there is room. A launch alone is never refused for its bytes: the worker judges, and says what would fit.
    func takes(_ claim: Claim) -> Bool { claim.cores <= cores && (guests == 0 || claim.bytes <= bytes) }

    mutating func give(_ claim: Claim) {
        cores -= claim.cores
        bytes -= claim.bytes
        guests += 1
    }

    mutating func takeBack(_ claim: Claim) {
        cores += claim.cores
        bytes += claim.bytes
        guests -= 1
    }
}
