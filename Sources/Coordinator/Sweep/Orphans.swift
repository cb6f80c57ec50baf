import Experiment
import Foundation

/// Launches that outlived the `apus` that began them, as after SIGKILL: they still work on runs of a folder. They are
/// asked to save and stop, and waited for, so that nobody else is on a run when it goes on. What does not stop is ended.
struct Orphans {
    /// Absolute.
    private let folder: String

    init(below folder: URL) { self.folder = folder.standardizedFileURL.path }

    private struct Process {
        let number: Int32
        let parent: Int32
        let words: [String]

        var program: String { words.first.map { URL(fileURLWithPath: $0).lastPathComponent } ?? "" }
    }

    /// - Parameters:
    ///   - patience: how long they may take to save and stop; then they are killed, and a run goes on from the checkpoint
    ///     before.
    ///   - tell: takes a line for a person.
    /// - Throws: `Failure(.worker)` when a live `apus` trains one of the runs, or they cannot be ended.
    func settle(patience: Duration = .seconds(60), tell: (String) -> Void) async throws {
        var asked = Set<Int32>()
        var deadline = ContinuousClock.now + patience
        var (hasTold, hasKilled) = (false, false)
        while true {
            let found = working()
            guard !found.isEmpty else { return }
            if let owned = found.first(where: { Self.process($0.parent)?.program == "apus" }) {
                throw Failure(
                    .worker,
                    "Process \(owned.number) trains a run of \(folder) for another apus; wait for it, or stop it.")
            }
            if Interrupts.shared.wasAsked { throw CancellationError() }
            if !hasTold { tell("runs of an earlier start are still going on; they save and stop first.") }
            hasTold = true
            // A launcher passes it on to its workers; one that was started by hand, or lost its launcher, has nobody else.
            let numbers = Set(found.map(\.number))
            for process in found where process.program != "apus-worker" || !numbers.contains(process.parent) {
                if asked.insert(process.number).inserted { kill(process.number, SIGUSR1) }
            }
            if .now > deadline {
                let list = numbers.sorted().map(String.init).joined(separator: ", ")
                guard !hasKilled else {
                    throw Failure(
                        .worker, "Processes \(list) train runs of \(folder) and cannot be ended; stop them first.")
                }
                tell("they did not stop in \(patience.components.seconds) s and are killed now (processes \(list)).")
                for process in found { kill(process.number, SIGKILL) }
                (hasKilled, deadline) = (true, .now + patience)
            }
            try await Task.sleep(for: .milliseconds(200))
        }
    }

    /// Launchers and workers whose run folder lies below ours.
    private func working() -> [Process] {
        let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return entries.compactMap { Int32($0) }.filter { $0 != getpid() }.compactMap(Self.process).filter { process in
            guard process.words.contains(where: { $0.hasSuffix("apus-worker") }),
                let flag = process.words.firstIndex(of: "--run"), process.words.indices.contains(flag + 1)
            else { return false }
            return process.words[flag + 1].hasPrefix(folder + "/")
        }
    }

    /// Nil for a process that is gone or a kernel's.
    private static func process(_ number: Int32) -> Process? {
        guard let line = FileManager.default.contents(atPath: "/proc/\(number)/cmdline"), !line.isEmpty else {
            return nil
        }
        let status = FileManager.default.contents(atPath: "/proc/\(number)/status") ?? Data()
        let parent = String(decoding: status, as: UTF8.self).split(separator: "\n").first { $0.hasPrefix("PPid:") }
            .flatMap { Int32($0.dropFirst(5).trimmingCharacters(in: .whitespaces)) }
        let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        return Process(number: number, parent: parent ?? 0, words: words)
    }
}
