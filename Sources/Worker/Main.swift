import ArgumentParser
import Checkpoints
import Communication
import Experiment
import Foundation

/// The entry point: parses, runs, and turns whatever was thrown into a sentence and an exit code of DESIGN §4.
@main
enum Main {
    static func main() {
        do {
            var command = try ApusWorker.parseAsRoot()
            try command.run()
        } catch {
            // Before the ranks have met, all find the same; one of them speaks.
            if !Launch.isFirstRank { exit(report(error).0.rawValue) }
            end(with: error)
        }
    }

    /// Prints what went wrong, on standard error, and exits.
    static func end(with error: any Error) -> Never {
        let (code, text) = report(error)
        if code == .done {
            print(text)
        } else {
            complain(text)
        }
        exit(code.rawValue)
    }

    /// Ends all ranks, since they wait for this one, with the error's code. What all ranks find at the same place is said
    /// once: rank 0 is first, and its abort ends the others, within a second or two, before they speak.
    static func abort(_ link: MPICommunicator, _ error: any Error) -> Never {
        let (code, text) = report(error)
        if link.rank > 0 { Thread.sleep(forTimeInterval: 4) }
        complain(link.rank > 0 ? "rank \(link.rank): \(text)" : text)
        link.abort(code: code.rawValue)
    }

    /// The exit code and the sentence of an error.
    static func report(_ error: any Error) -> (Experiment.ExitCode, String) {
        switch error {
        case let failure as Failure: return (failure.code, failure.message)
        case let configuration as ConfigurationError: return (.usage, "\(configuration)")
        case let checkpoint as CheckpointError:
            return (checkpoint.kind == .cannotWrite ? .worker : .badData, "\(checkpoint)")
        case let communication as CommunicationError: return (.worker, "\(communication)")
        default:
            if ApusWorker.exitCode(for: error).isSuccess { return (.done, ApusWorker.fullMessage(for: error)) }
            let isUsage = ApusWorker.exitCode(for: error) == .validationFailure
            return isUsage ? (.usage, ApusWorker.message(for: error)) : (.worker, "\(error)")
        }
    }

    static func complain(_ text: String) {
        FileHandle.standardError.write(Data("apus-worker: \(text)\n".utf8))
    }
}

/// The command line of one rank.
struct ApusWorker: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "apus-worker",
        abstract: "One MPI rank of Apus, and what bench, evaluate, generate and doctor do on a host.",
        discussion: """
            Examples:
              mpirun -n 4 apus-worker configs/books.yaml
              mpirun -n 4 --hostfile hosts apus-worker --run checkpoints/books
              apus-worker bench step --layers 6 --width 384 --heads 6 --context 256 --vocabulary 4096 --sequences 16
            """,
        version: "apus-worker \(version)",
        subcommands: [
            Train.self, Bench.self, Evaluate.self, Generate.self, Plan.self, Doctor.self, KernelSets.self,
            ReferenceCheck.self, Coordinates.self,
        ],
        defaultSubcommand: Train.self)

    static let version = "0.1.0"
}
