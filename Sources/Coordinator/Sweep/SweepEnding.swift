import Experiment

/// How a run of a sweep ended.
enum SweepEnding: Equatable {
    case complete, diverged, interrupted
    /// With the reason, a sentence.
    case failed(String)

    /// Nothing is left to do.
    var isSettled: Bool { self == .complete || self == .diverged }
}
