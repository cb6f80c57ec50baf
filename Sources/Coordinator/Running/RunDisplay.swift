import Experiment
import Foundation

/// Where the words of a launch go: a status line on a terminal, plain lines elsewhere, or into a larger progress.
protocol RunDisplay: Sendable {
    /// An event of the run.
    func show(_ event: RunEvent)
    /// A line of a worker's standard output that is no event.
    func pass(_ line: String)
    /// A line for standard error.
    func complain(_ line: String)
    /// The launch has ended: leave a clean line.
    func finish()
}
