import Experiment
import Foundation

/// `provenance.json`: what a run's arithmetic was pinned to, and by which machines it was carried out. Only `kernels`,
/// `fingerprint` and `corpusDigest` are part of the promise.
public struct Provenance: Codable, Sendable, Equatable {
    public var run: String
    public var configHash: String
    public var corpusDigest: String
    /// The folder of the prepared corpus, as it was at the first launch.
    public var corpusFolder: String
    public var kernels: String
    /// Hexadecimal.
    public var fingerprint: String
    /// Where the run began, if not at its initial parameters. Its bits are the same in both cases.
    public var trunk: Origin?
    public var launches: [Launch]

    /// The checkpoint of another run that a run began with.
    public struct Origin: Codable, Sendable, Equatable {
        /// Its name and folder, as it was then.
        public var run: String
        public var folder: String
        public var step: Int
        /// The checkpoint's, hexadecimal.
        public var digest: String
    }

    /// One start of the run.
    public struct Launch: Codable, Sendable, Equatable {
        /// ISO 8601, UTC.
        public var time: String
        public var fromStep: Int
        public var ranks: Int
        public var hosts: [String]
        public var cpu: String
        public var blas: String
        public var blasCore: String
        public var mpi: String
        public var apus: String

        public init(
            time: String, fromStep: Int, ranks: Int, hosts: [String], cpu: String, blas: String, blasCore: String,
            mpi: String, apus: String
        ) {
            self.time = time
            self.fromStep = fromStep
            self.ranks = ranks
            self.hosts = hosts
            self.cpu = cpu
            self.blas = blas
            self.blasCore = blasCore
            self.mpi = mpi
            self.apus = apus
        }
    }

    /// The provenance of a run folder; nil where none was written.
    /// - Throws: `Failure(.badData)` when the file does not read.
    public static func read(_ directory: RunDirectory) throws -> Provenance? {
        guard FileManager.default.fileExists(atPath: directory.provenance.path) else { return nil }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            return try decoder.decode(Provenance.self, from: Data(contentsOf: directory.provenance))
        } catch {
            throw Failure(
                .badData,
                "\(directory.provenance.path) does not read (\(error.localizedDescription)); it tells which "
                    + "kernel set the run is pinned to. Restore it, or start again with --fresh.")
        }
    }

    func write(to directory: RunDirectory) throws {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try DurableFile.replace(directory.provenance, with: encoder.encode(self) + Data("\n".utf8))
    }
}

/// The processor's name, from /proc/cpuinfo.
public func processorName() -> String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line.flatMap { $0.split(separator: ":").last }.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown"
}
