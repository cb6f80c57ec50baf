import Foundation

/// The folder of one run and the names in it (DESIGN §5).
public struct RunDirectory: Sendable, Equatable {
    public let url: URL

    public init(_ url: URL) { self.url = url }

    /// Where a run goes when `--run` does not say: `checkpoints/<name>` below the current folder.
    public static func standard(name: String) -> RunDirectory {
        RunDirectory(URL(fileURLWithPath: "checkpoints/\(name)"))
    }

    /// Where prepared corpora are kept, by content digest: `checkpoints/.corpora` below the current folder.
    public static var corpora: URL { URL(fileURLWithPath: "checkpoints/.corpora") }

    public var config: URL { url.appendingPathComponent("config.yaml") }
    public var ledger: URL { url.appendingPathComponent("ledger.csv") }
    public var evaluations: URL { url.appendingPathComponent("evaluations.csv") }
    public var timings: URL { url.appendingPathComponent("timings.csv") }
    public var checkpoints: URL { url.appendingPathComponent("checkpoints") }
    public var events: URL { url.appendingPathComponent("events.jsonl") }
    public var report: URL { url.appendingPathComponent("report.html") }
    public var provenance: URL { url.appendingPathComponent("provenance.json") }

    /// Whether a run was begun here.
    public var holdsRun: Bool { FileManager.default.fileExists(atPath: config.path) }

    /// The configuration that the run here was begun with.
    /// - Throws: `Failure(.badData)` when there is none that reads.
    public func loadConfig() throws -> RunConfig {
        guard holdsRun else {
            throw Failure(.badData, "\(url.path) holds no run: there is no config.yaml in it.")
        }
        do {
            return try RunConfig(file: config)
        } catch let error as ConfigurationError {
            throw Failure(.badData, "\(error)")
        }
    }

    /// Moves a run that is here out of the way, to the first free `<name>.old-<k>` beside it.
    /// - Returns: where it went; nil when there was nothing.
    @discardableResult
    public func moveAside() throws -> URL? {
        guard FileManager.default.fileExists(atPath: url.path) else { return nil }
        var k = 1
        func candidate() -> URL {
            url.deletingLastPathComponent().appendingPathComponent("\(url.lastPathComponent).old-\(k)")
        }
        while FileManager.default.fileExists(atPath: candidate().path) { k += 1 }
        do {
            try FileManager.default.moveItem(at: url, to: candidate())
        } catch {
            throw Failure(
                .worker, "Cannot move \(url.path) aside to \(candidate().path): \(error.localizedDescription)")
        }
        return candidate()
    }

    /// Creates the folder and its `checkpoints`.
    public func create() throws {
        do {
            try FileManager.default.createDirectory(at: checkpoints, withIntermediateDirectories: true)
        } catch {
            throw Failure(.worker, "Cannot create the run folder \(url.path): \(error.localizedDescription)")
        }
    }
}
