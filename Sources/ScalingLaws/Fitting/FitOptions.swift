/// How a law is fitted.
public struct FitOptions: Sendable, Equatable {
    /// What is minimised.
    public var loss: FitLoss = .huber(delta: 1e-3)
    /// Bootstrap resamples behind the intervals; 0 for none.
    public var resamples = 300
    /// Of the resamples' draws.
    public var seed: UInt64 = 1
    /// Draw whole clusters (`FitPoint.cluster`) when one of them has more than one point.
    public var clusters = true
    /// The draws themselves, each a list of places in `points`, in the place of `resamples`, `seed` and `clusters`: so
    /// that another program's resamples can be repeated.
    public var indices: [[Int]]?

    /// Huber's loss with δ = 1e-3 and 300 resamples, unless told otherwise.
    public init(
        loss: FitLoss = .huber(delta: 1e-3), resamples: Int = 300, seed: UInt64 = 1, clusters: Bool = true,
        indices: [[Int]]? = nil
    ) {
        self.loss = loss
        self.resamples = resamples
        self.seed = seed
        self.clusters = clusters
        self.indices = indices
    }

    /// Huber's loss with this δ.
    public init(huberDelta: Double, resamples: Int = 300, seed: UInt64 = 1) {
        self.init(loss: .huber(delta: huberDelta), resamples: resamples, seed: seed)
    }
}
