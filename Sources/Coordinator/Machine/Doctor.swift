import ArgumentParser
import Experiment
import Foundation
import Reports
import Subprocess

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What is wrong with this machine, if anything.",
        discussion: """
            Checks the worker and what it finds (processor, kernel sets, BLAS, HDF5), mpirun, that two ranks on this host \
            exchange, shared memory, disk. Exit code 4 when something stands in the way of training.

            Examples:
              apus doctor
              apus doctor --json
            """)

    @Flag(help: "The worker's findings as one JSON object, without the launch's checks.") var json = false
    @Option(help: ArgumentHelp("The mpirun to check; default: the one in the PATH.", valueName: "path"))
    var mpirun: String?

    func run() async throws {
        if json { return try await WorkerExecutable.forward(["doctor", "--json"]) }
        var isWell = try await WorkerExecutable.run(["doctor"]) == 0
        for finding in await findings() {
            Console.show(Console.style.plain("\(finding.isWell ? "ok  " : "BAD ") \(finding.text)") + "\n")
            isWell = isWell && finding.isWell
        }
        if !isWell {
            throw WorkerEnded(code: .worker, sentence: "this machine cannot train yet; see what is marked above.")
        }
    }

    private struct Finding {
        let isWell: Bool
        let text: String
    }

    private func findings() async -> [Finding] {
        var findings = [coreType, sharedMemory, disk].compactMap { $0 }
        do {
            let path = try Launch.findMPIRun(mpirun)
            let version = try await output(path, ["--version"])
            findings.append(
                Finding(
                    isWell: true, text: "mpirun: \(path), \(version.text.split(separator: "\n").first ?? "no version")")
            )
            findings.append(try await exchange(mpirun: path))
        } catch {
            findings.append(Finding(isWell: false, text: "mpirun: \(error)"))
        }
        return findings
    }

    /// Two ranks start, meet and end.
    private func exchange(mpirun: String) async throws -> Finding {
        let scratch = try Scratch(ranks: 2)
        defer { scratch.remove() }
        let launch = Launch(
            mpirun: mpirun, worker: try WorkerExecutable.path(), workerArguments: ["doctor"], ranks: 2, hostfile: nil,
            cores: Host.cores, scratch: scratch, extraArguments: Launch.argumentsFromEnvironment)
        let begun = Stopwatch()
        let result = try await output(mpirun, launch.arguments)
        let seconds = begun.seconds
        guard result.isSuccess else {
            return Finding(isWell: false, text: "two ranks on this host: they do not run together\n\(result.text)")
        }
        return Finding(
            isWell: true,
            text: "two ranks on this host: started, met and ended in \(Humanly.duration(seconds: seconds))")
    }

    private func output(_ program: String, _ arguments: [String]) async throws -> (isSuccess: Bool, text: String) {
        let result = try await Subprocess.run(
            .path(.init(program)), arguments: Arguments(arguments), input: .none, output: .bytes(limit: 1 << 20),
            error: .combinedWithOutput)
        return (result.terminationStatus.isSuccess, String(decoding: result.standardOutput, as: UTF8.self))
    }

    private var coreType: Finding? {
        ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"].map {
            Finding(isWell: true, text: "OPENBLAS_CORETYPE is preset to \($0); a run's kernel set overrides it")
        }
    }

    private var sharedMemory: Finding {
        let free = Host.freeBytes(at: "/dev/shm") ?? 0
        let text = "/dev/shm: \(Humanly.bytes(Double(free))) free"
        let isSmall = free < Scratch.sharedMemoryBytes(ranks: Host.cores)
        let remark = "; small: Open MPI's queues will be files instead (parameters and gradients need no room there)"
        return Finding(isWell: true, text: isSmall ? text + remark : text)
    }

    private var disk: Finding {
        let free = Host.freeBytes(at: FileManager.default.currentDirectoryPath) ?? 0
        return Finding(isWell: free > 100 << 20, text: "disk of this folder: \(Humanly.bytes(Double(free))) free")
    }
}
