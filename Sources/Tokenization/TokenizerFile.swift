import Experiment
import Foundation

/// Small files of tokenizers, whole.
enum TokenizerFile {
    /// No tokenizer of a million tokens is larger.
    private static let largest = 512 << 20

    /// Throws `Failure(.badData)` for a file that cannot be read.
    static func bytes(_ file: URL) throws -> [UInt8] {
        guard let size = try? FileManager.default.attributesOfItem(atPath: file.path)[.size] as? NSNumber,
            let data = try? Data(contentsOf: file, options: .mappedIfSafe)
        else {
            throw Failure(.badData, "Cannot read the tokenizer's file \(file.path); check that it is there.")
        }
        guard size.intValue <= largest else {
            throw Failure(.badData, "\(file.path) has \(size) bytes; a tokenizer's file is smaller, give another.")
        }
        return Array(data)
    }

    /// Throws `Failure(.badData)` with the offset for what is not JSON.
    static func json(_ file: URL) throws -> JSONTree {
        let bytes = try bytes(file)
        do throws(JSONProblem) {
            return try JSONTree(parsing: bytes)
        } catch {
            throw Failure(
                .badData, "\(file.path) \(error.reason) at byte \(error.offset); give a complete tokenizer's file.")
        }
    }
}
