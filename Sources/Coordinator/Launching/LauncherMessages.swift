/// Standard error of a launch, line by line: passes on what workers and the system say, leaves out what `mpirun` adds
/// to every failed launch and what the exit code and our own sentence tell already. Text that is not known stays.
struct LauncherMessages {
    private var block: [String]?
    /// The last death by a signal that `mpirun` told of, as "rank 1 on host node2 was ended by signal 9 (Killed)".
    private(set) var death: String?

    /// - Returns: the lines to show now.
    mutating func lines(for line: String) -> [String] {
        if line.count >= 60, line.allSatisfy({ $0 == "-" }) {
            guard let whole = block else {
                block = []
                return []
            }
            block = nil
            return shown(whole)
        }
        if block != nil {
            block?.append(line)
            return []
        }
        return Self.isRepetition(line) ? [] : [line]
    }

    /// What is left when the stream ends inside a block.
    mutating func rest() -> [String] {
        guard let cut = block else { return [] }
        block = nil
        return shown(cut)
    }

    private mutating func shown(_ block: [String]) -> [String] {
        let text = block.joined(separator: " ")
        if text.hasPrefix("mpirun noticed that process rank") {
            death = Self.death(in: text)
            return death == nil ? block : []
        }
        return Self.knownBlocks.contains { text.hasPrefix($0) } ? [] : block
    }

    private static let knownBlocks = [
        "Primary job  terminated normally, but",
        "mpirun detected that one or more processes exited with non-zero status",
        "MPI_ABORT was invoked on rank",
    ]

    private static func isRepetition(_ line: String) -> Bool {
        line.contains("has sent help message help-mpi-api.txt")
            || line.contains("have sent help message help-mpi-api.txt")
            || line.hasPrefix("mpirun: Forwarding signal")
            // mpirun's own, when ranks end while it still collects what they said.
            || (line.contains("ORTE_ERROR_LOG: Data unpack") && line.contains("show_help.c"))
            || line.contains("Set MCA parameter \"orte_base_help_aggregate\" to 0")
    }

    /// From "mpirun noticed that process rank 1 with PID 0 on node x exited on signal 9 (Killed)."
    private static func death(in text: String) -> String? {
        let words = text.split(separator: " ").map(String.init)
        func word(after marker: String) -> String? {
            words.firstIndex(of: marker).flatMap { words.indices.contains($0 + 1) ? words[$0 + 1] : nil }
        }
        guard let rank = word(after: "rank"), let host = word(after: "node"),
            let signal = words.firstIndex(of: "signal")
        else { return nil }
        let name = words[(signal + 1)...].joined(separator: " ").drop { $0 == " " }
        return "rank \(rank) on host \(host) was ended by signal \(name.hasSuffix(".") ? name.dropLast() : name)"
    }
}
