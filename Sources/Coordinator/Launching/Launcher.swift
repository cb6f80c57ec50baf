import Experiment
import Foundation
import Logging
import Subprocess

/// Starts a launch, carries its words to the person, and its signals to the workers.
struct Launcher {
    let launch: Launch
    /// What goes to a person instead of the workers' events; nil for nothing.
    let display: any RunDisplay

    /// Runs to the end.
    /// - Throws: `WorkerEnded` with the launch's code, when that is not 0.
    func run() async throws {
        Self.logger.debug("\(launch.mpirun) \(launch.arguments.joined(separator: " "))")
        var options = PlatformOptions()
        // mpirun delays SIGTERM and then kills: a Ctrl-C of the terminal must reach us only.
        options.processGroupID = 0
        let result = try await Subprocess.run(
            .path(.init(launch.mpirun)), arguments: Arguments(launch.arguments),
            environment: launch.processEnvironment, platformOptions: options,
            input: .none, output: .sequence, error: .sequence
        ) { execution in
            let mpirun = execution.processIdentifier.value
            return try await Interrupts.shared.handled { count in
                stop(mpirun: mpirun, request: count)
            } during: {
                async let death = showMessages(execution.standardError)
                try await showEvents(execution.standardOutput)
                return try await death
            }
        }
        display.finish()
        try judge(result.terminationStatus, death: result.closureResult)
    }

    static let logger: Logger = {
        var logger = Logger(label: "apus") { StreamLogHandler.standardError(label: $0) }
        logger.logLevel =
            ProcessInfo.processInfo.environment["APUS_LOG"].flatMap { Logger.Level(rawValue: $0) } ?? .notice
        return logger
    }()

    private func showEvents(_ output: SubprocessOutputSequence) async throws {
        for try await line in output.strings(bufferingPolicy: .unbounded) {
            if let event = RunEvent(line: line) {
                display.show(event)
            } else {
                display.pass(line)
            }
        }
    }

    /// - Returns: which rank died of a signal, where `mpirun` told.
    private func showMessages(_ errors: SubprocessOutputSequence) async throws -> String? {
        var messages = LauncherMessages()
        for try await line in errors.strings(bufferingPolicy: .unbounded) {
            for shown in messages.lines(for: line) { display.complain(shown) }
        }
        for shown in messages.rest() { display.complain(shown) }
        return messages.death
    }

    /// The first request lets the workers finish their step and save; a second one ends all at once.
    private func stop(mpirun: Int32, request: Int) {
        if request == 1 {
            let what = launch.resumes ? "after this step, with a checkpoint" : "now"
            display.complain("apus: stopping \(what); Ctrl-C again stops at once.")
            kill(mpirun, SIGUSR1)
        } else {
            // The ranks have process groups of their own.
            let family = Self.descendants(of: mpirun)
            kill(-mpirun, SIGKILL)
            for process in family { kill(process, SIGKILL) }
        }
    }

    private static func descendants(of process: Int32) -> [Int32] {
        let list = FileManager.default.contents(atPath: "/proc/\(process)/task/\(process)/children") ?? Data()
        let children = String(decoding: list, as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
        return children + children.flatMap(descendants)
    }

    private func judge(_ status: TerminationStatus, death: String?) throws {
        let code: Int32
        switch status {
        case .exited(0): return
        case .exited(let value): code = value
        case .signaled(let signal): code = 128 + signal
        }
        if let known = Experiment.ExitCode(rawValue: code) {
            throw WorkerEnded(code: known, sentence: known == .interrupted ? "interrupted; \(remedy)" : nil)
        }
        if Interrupts.shared.wasAsked {
            throw WorkerEnded(code: .interrupted, sentence: "stopped at once; \(remedy)")
        }
        throw WorkerEnded(code: .worker, sentence: sentence(code: code, death: death))
    }

    private var remedy: String {
        launch.resumes
            ? "the same command goes on from the last checkpoint, if any." : "the same command begins again."
    }

    private func sentence(code: Int32, death: String?) -> String {
        if let death { return "\(death); \(remedy)" }
        if code > 128, code < 128 + 65 { return "a process of the launch was ended by signal \(code - 128); \(remedy)" }
        return "mpirun ended with code \(code), which is none of a worker's; what it said stands above."
    }
}

extension Launch {
    /// The present environment and the launch's own.
    var processEnvironment: Environment {
        let own = environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
        return .inherit.updating(Dictionary(uniqueKeysWithValues: own))
    }
}
