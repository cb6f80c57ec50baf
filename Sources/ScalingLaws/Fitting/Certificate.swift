/// How an optimum was reached, and what it is worth.
public struct Certificate: Sendable, Equatable {
    /// The largest component of the gradient against the sum of its points' absolute contributions. Of a loss with
    /// kinks: of the same with its kinks rounded off over 1e-10.
    public var relativeGradient: Double
    /// Of the starts taken to a minimum, how many ended within 1e-6 of this objective, relative.
    public var startsAtOptimum: Int
    /// Starts taken to a minimum.
    public var startsPolished: Int
    /// Starts whose objective was looked at.
    public var startsScreened: Int
    /// The lowest objective among minima that are others, if any was met.
    public var secondBasin: Double?
    /// The largest over the smallest eigenvalue of the curvature JᵀJ with its diagonal scaled to one.
    public var conditionNumber: Double
}
