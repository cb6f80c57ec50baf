/// Which points a bootstrap draws: single ones, or whole clusters of points that are not independent.
struct Resampling: Sendable {
    private let groups: [[Int]]

    /// Single points, unless `clusters` and some cluster of several holds more than one point.
    init(_ points: [FitPoint], clusters: Bool) {
        var places: [String: Int] = [:]
        var groups: [[Int]] = []
        for (i, point) in points.enumerated() {
            if clusters, !point.cluster.isEmpty, let place = places[point.cluster] {
                groups[place].append(i)
            } else {
                places[point.cluster] = groups.count
                groups.append([i])
            }
        }
        self.groups = groups.count > 1 ? groups : points.indices.map { [$0] }
    }

    /// Whether some group has more than one point.
    var hasClusters: Bool { groups.contains { $0.count > 1 } }
    /// The independent pieces.
    var count: Int { groups.count }

    /// As many groups as there are, with replacement; the places of their points.
    func draw(using generator: inout SplitMix64) -> [Int] {
        groups.indices.flatMap { _ in groups[Int.random(in: 0..<groups.count, using: &generator)] }
    }
}

/// Vigna's SplitMix64: 64 random bits per call, the same sequence for the same seed everywhere.
struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
