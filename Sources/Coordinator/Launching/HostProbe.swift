import Experiment
import Foundation
import Subprocess

/// Asks every host of a launch which kernel sets it runs, so that a run begins with the strongest that all have.
enum HostProbe {
    /// The strongest common set.
    /// - Throws: `Failure(.worker)` when a host does not answer, with what `mpirun` said.
    static func strongestCommonSet(_ launch: Launch, hosts: Int) async throws -> String {
        let result = try await Subprocess.run(
            .path(.init(launch.mpirun)), arguments: Arguments(launch.probeArguments(hosts: hosts)), input: .none,
            output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        // Login scripts may print lines of their own.
        let lines = result.standardOutput.split(separator: "\n").filter { $0.hasPrefix("baseline") }
        guard result.terminationStatus.isSuccess, lines.count >= hosts else {
            let said = result.standardError.trimmingCharacters(in: .whitespacesAndNewlines)
            throw Failure(
                .worker,
                "\(lines.count) of the \(hosts) hosts answered; mpirun said: \(said.isEmpty ? "nothing" : said)")
        }
        guard let strongest = strongestCommonSet(lines.map { $0.split(separator: " ").map(String.init) }) else {
            throw Failure(.worker, "The hosts have no kernel set in common: \(lines.joined(separator: "; ")).")
        }
        return strongest
    }

    /// - Parameter sets: of every host, the strongest last.
    static func strongestCommonSet(_ sets: [[String]]) -> String? {
        sets.first?.last { candidate in sets.allSatisfy { $0.contains(candidate) } }
    }
}
