import ArgumentParser
import Checkpoints
import Experiment
import Foundation
import ScalingLaws

/// What a thrown error tells the user, and the exit code it ends with.
struct ErrorReport {
    let code: Experiment.ExitCode
    /// What goes to standard error; help and version texts are no errors and go to standard output.
    let text: String

    init(_ error: any Error) {
        switch error {
        case let failure as Failure:
            (code, text) = (failure.code, "apus: \(failure.message)")
        case let configuration as ConfigurationError:
            (code, text) = (.usage, "apus: \(configuration)")
        case let ended as WorkerEnded:
            (code, text) = (ended.code, ended.sentence.map { "apus: \($0)" } ?? "")
        case is CancellationError:
            (code, text) = (.interrupted, "apus: interrupted; the same command goes on from here.")
        case let checkpoint as CheckpointError:
            (code, text) = (checkpoint.kind == .cannotWrite ? .worker : .badData, "apus: \(checkpoint)")
        case let table as TableError:
            (code, text) = (.badData, "apus: \(table)")
        default:
            let isHelp = Apus.exitCode(for: error).isSuccess
            let isUsage = Apus.exitCode(for: error) == .validationFailure
            code = isHelp ? .done : isUsage ? .usage : .worker
            text = isHelp ? Apus.fullMessage(for: error) : isUsage ? Self.usageText(error) : "apus: \(error)"
        }
    }

    func exit() -> Never {
        if code == .done {
            print(text)
        } else if !text.isEmpty {
            Console.tell(text)
        }
        Foundation.exit(code.rawValue)
    }

    /// ArgumentParser's sentence without its "Error: ", and its usage lines.
    private static func usageText(_ error: any Error) -> String {
        let message = "apus: " + Apus.message(for: error)
        let full = Apus.fullMessage(for: error)
        return full.range(of: "Usage:").map { message + "\n" + full[$0.lowerBound...] } ?? message
    }
}

/// A worker, or the launch of several, ended with a code that passes through.
struct WorkerEnded: Error {
    let code: Experiment.ExitCode
    /// What is to be said besides what the worker said itself.
    let sentence: String?
}
