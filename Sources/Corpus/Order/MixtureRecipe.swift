import Experiment

/// How the sources of a corpus share a pass over the mixture: the configuration's weights and epochs, in the corpus's
/// order (Brown et al. 2020, table 2.2).
public struct MixtureRecipe: Sendable, Equatable {
    /// Of the corpus's sources, in its order.
    public let names: [String]
    /// Below 2 each, as what counts is their proportion; nil where each source gives what it has.
    let weights: [Double]?
    /// How often a source may be read in a pass.
    let epochs: [Double]

    /// What an evaluation over all sources is called, so that no source may be.
    public static let nameOfAll = "all"

    /// - Parameters:
    ///   - configured: the sources of the configuration, in any order; none for all sources as they are.
    ///   - names: of the corpus's sources.
    /// - Throws: `Failure(.usage)` when the configuration's names are not those of the corpus.
    public init(_ configured: [SourceConfig], of names: [String]) throws {
        let found = names.compactMap { name in configured.first { $0.name == name } }
        guard configured.isEmpty || found.count == names.count && configured.count == names.count else {
            throw Self.otherNames(configured.map(\.name), than: names)
        }
        guard names.count == 1 || !names.contains(Self.nameOfAll) else {
            throw Failure(
                .usage,
                "A source is called \(Self.nameOfAll), which is what the evaluation over all sources is called; "
                    + "prepare the corpus with another name for it.")
        }
        self.names = names
        let given = found.compactMap(\.weight)
        // By a power of two, which rounds nothing.
        let scale = (given.max() ?? 1).binade
        weights = given.isEmpty ? nil : given.map { $0 / scale }
        epochs = configured.isEmpty ? names.map { _ in 1 } : found.map(\.epochs)
    }

    private static func otherNames(_ configured: [String], than names: [String]) -> Failure {
        let unknown = configured.filter { !names.contains($0) }
        let missing = names.filter { !configured.contains($0) }
        let parts = [
            unknown.isEmpty ? nil : "names \(unknown.joined(separator: ", ")), which the corpus does not have",
            missing.isEmpty ? nil : "leaves out \(missing.joined(separator: ", "))",
        ]
        return Failure(
            .usage,
            "`corpus.sources` \(parts.compactMap { $0 }.joined(separator: ", and ")); the sources of the corpus are "
                + "\(names.joined(separator: ", ")): name each of them once, or none.")
    }

    /// The share of each source in a pass, before counting in whole sequences; they sum to 1. Limits do not change it.
    /// - Parameter available: sequences of each source, at least one each.
    func shares(available: [Int]) -> [Double] {
        let parts = parts(available: available)
        let sum = parts.reduce(0, +)
        return parts.map { $0 / sum }
    }

    /// Numbers in the proportion of the shares: weights, or what each source gives to a pass.
    func parts(available: [Int]) -> [Double] { weights ?? wholePass(available: available).map(Double.init) }

    /// c_s, the sequences of each source in one pass. With weights, a pass is as long as the source that has too little
    /// for its share allows; without, each source gives floor(A·E), at least one.
    /// - Parameters:
    ///   - available: A, sequences of each source, at least one each.
    ///   - limit: sequences of a pass at most; nil for no limit.
    func counts(available: [Int], limit: Int?) -> [Int] {
        let whole = wholePass(available: available)
        let length = whole.reduce(0, +)
        guard let limit, limit < length else { return whole }
        return Self.apportion(max(1, limit), by: parts(available: available))
    }

    private func wholePass(available: [Int]) -> [Int] {
        let most = zip(available, epochs).map { Double($0) * $1 }
        guard let weights else { return most.map { max(1, Int(Self.wholePart($0))) } }
        return Self.apportion(Self.most(of: most, by: weights), by: weights)
    }

    /// The largest total, at least one, of which no part in proportion to `parts` is more than there is.
    static func most(of available: [Double], by parts: [Double]) -> Int {
        let sum = parts.reduce(0, +)
        let totals = zip(available, parts).map { $0 * sum / $1 }
        return max(1, Int(wholePart(totals.min() ?? 1)))
    }

    /// `total` divided in proportion by largest remainders: whole numbers that sum to it, each within one of its exact
    /// part; where remainders are equal, the earlier part has the one more.
    static func apportion(_ total: Int, by parts: [Double]) -> [Int] {
        let sum = parts.reduce(0, +)
        let quotas = parts.map { Double(total) * $0 / sum }
        var counts = quotas.map { Int($0.rounded(.down)) }
        let remainders = quotas.map { $0 - $0.rounded(.down) }
        let order = parts.indices.sorted { (-remainders[$0], $0) < (-remainders[$1], $1) }
        for index in order.prefix(total - counts.reduce(0, +)) { counts[index] += 1 }
        return counts
    }

    /// Rounded down, but a number that is whole but for the rounding of a product is taken as it was meant.
    private static func wholePart(_ number: Double) -> Double { (number * (1 + 0x1p-45)).rounded(.down) }
}
