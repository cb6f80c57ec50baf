import Experiment
import Foundation
import Subprocess

/// Where `apus-worker` is, and how its commands that need no `mpirun` are run.
enum WorkerExecutable {
    /// Beside the running `apus`, else along PATH.
    /// - Throws: `Failure(.worker)` when it is in neither.
    static func path() throws -> String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        let beside = own.appendingPathComponent("apus-worker").path
        guard let path = Host.program(beside) ?? Host.program("apus-worker") else {
            throw Failure(
                .worker,
                "Cannot find apus-worker, neither in \(own.path) nor in the PATH; build it with: swift build -c release"
            )
        }
        return path
    }

    /// Runs a command of the worker with our own input, output and errors, and ends as it ends.
    static func forward(_ arguments: [String]) async throws {
        let code = try await run(arguments)
        guard code == 0 else {
            throw WorkerEnded(code: Experiment.ExitCode(rawValue: code) ?? .worker, sentence: nil)
        }
    }

    /// - Returns: the exit code; a death by a signal throws.
    static func run(_ arguments: [String]) async throws -> Int32 {
        let worker = try path()
        var options = PlatformOptions()
        // Time to remove temporary files.
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let child = Task { [options] in
            try await Subprocess.run(
                .path(.init(worker)), arguments: Arguments(arguments), platformOptions: options,
                input: .currentStandardInput, output: .currentStandardOutput, error: .currentStandardError)
        }
        let status = try await Interrupts.shared.handled { _ in
            child.cancel()
        } during: {
            try await child.value.terminationStatus
        }
        switch status {
        case .exited(let code): return code
        case .signaled(let signal):
            if Interrupts.shared.wasAsked { throw WorkerEnded(code: .interrupted, sentence: nil) }
            throw Failure(.worker, "apus-worker \(arguments.first ?? "") was ended by signal \(signal).")
        }
    }

    /// What a command of the worker writes to standard output; its errors are ours.
    /// - Throws: `WorkerEnded` when it fails.
    static func output(_ arguments: [String]) async throws -> String {
        let result = try await Subprocess.run(
            .path(.init(try path())), arguments: Arguments(arguments), input: .none, output: .bytes(limit: 16 << 20),
            error: .currentStandardError)
        guard result.terminationStatus.isSuccess else { throw WorkerEnded(code: .worker, sentence: nil) }
        return String(decoding: result.standardOutput, as: UTF8.self)
    }
}
