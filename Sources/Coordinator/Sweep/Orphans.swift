import Experiment
import Foundation

/// Launches that outlived the `apus` that began them, as after SIGKILL: they still work on runs of a folder. They are
/// asked to save and stop, and waited for, so that nobody else is on a run when it goes on.
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

    /// - Parameter tell: takes a line for a person.
    /// - Throws: `Failure(.worker)` when a live `apus` trains one of the runs.
    func settle(tell: (String) -> Void) async throws {
        var asked = Set<Int32>()
        var hasTold = false
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
            for launcher in found where launcher.program != "apus-worker" && asked.insert(launcher.number).inserted {
                kill(launcher.number, SIGUSR1)
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
