import Crypto
import Foundation

/// What makes a checkpoint count: the size and hash of its file, in a small file of its own that is written last.
///
/// It is JSON in one fixed form, and ends with a hash of itself.
public struct CommitRecord: Hashable, Sendable {
    /// The name of the checkpoint's file, which lies in the same folder.
    public let file: String
    /// The size of that file.
    public let bytes: Int
    /// SHA-256 of that file, 64 hexadecimal digits.
    public let sha256: String
    /// How many updates the parameters have seen.
    public let step: Int
    /// How many tokens they have seen.
    public let tokens: Int
    /// The digest of the tensors (`TensorDigest`), 64 hexadecimal digits.
    public let digest: String

    private static let schema = 1
    /// No record is longer; a longer file is no record.
    private static let largestSize = 65_536

    /// `…/step-00001000.commit` for `…/step-00001000.h5`.
    static func path(for file: String) -> String {
        (file as NSString).deletingPathExtension + ".commit"
    }

    /// The record beside the checkpoint at `file`.
    ///
    /// Throws `CheckpointError`: `uncommitted` when there is none, `damaged` when it is not as it was written.
    init(for file: String) throws {
        let path = Self.path(for: file)
        let bytes = try Self.contents(path, of: file)
        let stored: Stored
        do {
            stored = try JSONDecoder().decode(Stored.self, from: Data(bytes))
        } catch {
            throw CheckpointError(.damaged, "the commit record \(path) is damaged: it is not the JSON of a record")
        }
        if stored.schema != Self.schema {
            throw CheckpointError(
                .damaged, "the commit record \(path) has schema \(stored.schema), this version reads \(Self.schema)")
        }
        self.init(
            file: stored.file, bytes: stored.bytes, sha256: stored.sha256, step: stored.step, tokens: stored.tokens,
            digest: stored.digest)
        if rendered != bytes {
            throw CheckpointError(.damaged, "the commit record \(path) is damaged: its own hash does not match")
        }
        let name = (file as NSString).lastPathComponent
        if self.file != name {
            throw CheckpointError(.damaged, "the commit record \(path) belongs to \(self.file), not to \(name)")
        }
    }

    init(file: String, bytes: Int, sha256: String, step: Int, tokens: Int, digest: String) {
        self.file = file
        self.bytes = bytes
        self.sha256 = sha256
        self.step = step
        self.tokens = tokens
        self.digest = digest
    }

    /// The bytes of the record, its own hash last.
    var rendered: [UInt8] {
        let name = file.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let fields = """
            {
              "schema": \(Self.schema),
              "file": "\(name)",
              "bytes": \(bytes),
              "sha256": "\(sha256)",
              "step": \(step),
              "tokens": \(tokens),
              "digest": "\(digest)",

            """
        let hash = SHA256.hash(data: Data(fields.utf8)).hexadecimal
        return Array("\(fields)  \"record\": \"\(hash)\"\n}\n".utf8)
    }

    private static func contents(_ path: String, of file: String) throws -> [UInt8] {
        let record: InputFile
        do {
            record = try InputFile(path)
        } catch let error as CheckpointError where error.errorNumber == ENOENT {
            throw CheckpointError(
                .uncommitted,
                "\(file) has no commit record \(path): it was never finished, or lost its record; use another checkpoint"
            )
        }
        if record.byteCount > largestSize {
            throw CheckpointError(.damaged, "the commit record \(path) is damaged: \(record.byteCount) bytes long")
        }
        return try record.bytes(at: 0, count: record.byteCount)
    }

    private struct Stored: Decodable {
        let schema: Int
        let file: String
        let bytes: Int
        let sha256: String
        let step: Int
        let tokens: Int
        let digest: String
    }
}
