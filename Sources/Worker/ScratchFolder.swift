import Dispatch
import Experiment
import Foundation

/// A temporary folder of a bench: gone at the end, and also when a signal ends the bench.
enum ScratchFolder {
    /// - Parameter parent: where it is made; nil for the system's temporary folder.
    /// - Throws: `Failure(.usage)` where it cannot be made, and what `body` throws.
    static func use<Value>(in parent: String? = nil, _ body: (URL) throws -> Value) throws -> Value {
        let root = parent.map { URL(fileURLWithPath: $0) } ?? FileManager.default.temporaryDirectory
        let folder = root.appendingPathComponent("apus-bench-\(UUID().uuidString.prefix(8).lowercased())")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(
                .usage,
                "Cannot make a folder in \(root.path) (\(error.localizedDescription)); name one that can be written.")
        }
        let sources = [SIGUSR1, SIGTERM, SIGINT].map { removal(of: folder, on: $0) }
        defer {
            for source in sources { source.cancel() }
            try? FileManager.default.removeItem(at: folder)
        }
        return try body(folder)
    }

    /// What a signal would do at once, done after the folder is gone.
    private static func removal(of folder: URL, on number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler {
            // Whoever is just writing there may bring a file between two removals.
            for _ in 0..<10 where FileManager.default.fileExists(atPath: folder.path) {
                try? FileManager.default.removeItem(at: folder)
            }
            _exit(Experiment.ExitCode.interrupted.rawValue)
        }
        source.setCancelHandler { signal(number, SIG_DFL) }
        source.resume()
        return source
    }
}
