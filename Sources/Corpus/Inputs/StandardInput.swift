import Experiment
import Foundation

/// Standard input as a file of the corpus: copied, since it can be read only once.
enum StandardInput {
    /// What a user sees in place of a path.
    static let shown = "standard input"
    private static let chunkBytes = 1 << 20

    /// Copies all of `input` to a file in `spool`; the name is given once the copy is whole. What is there is text,
    /// compressed or not; the first bytes tell.
    static func copy(_ input: FileHandle, to spool: URL?) throws -> SourceFile {
        guard let spool else {
            throw Failure(
                .badData,
                "Standard input cannot be read here, where the text must still be there later; write it to a file and "
                    + "name that.")
        }
        let place = spool.appending(component: "standard-input")
        let part = place.appendingPathExtension("part")
        defer { try? FileManager.default.removeItem(at: part) }
        let compression = try written(to: part) {
            try FileManager.default.createDirectory(at: spool, withIntermediateDirectories: true)
            try Data().write(to: part)
            let compression = try copy(input, to: try FileHandle(forWritingTo: part))
            try? FileManager.default.removeItem(at: place)
            try FileManager.default.moveItem(at: part, to: place)
            return compression
        }
        guard let file = SourceFile(path: shown, location: place.path, format: .text, compression: compression) else {
            throw Failure(.worker, "The copy of standard input at \(place.path) is gone; start again.")
        }
        return file
    }

    private static func copy(_ input: FileHandle, to output: FileHandle) throws -> Compression {
        defer { try? output.close() }
        var compression = Compression.none
        var isFirst = true
        while let data = try read(input), !data.isEmpty {
            if isFirst { compression = Compression(sniffing: [UInt8](data.prefix(4))) }
            isFirst = false
            try output.write(contentsOf: data)
        }
        return compression
    }

    private static func read(_ input: FileHandle) throws -> Data? {
        do {
            return try input.read(upToCount: chunkBytes)
        } catch {
            throw Failure(.badData, "Reading standard input failed: \(error.reason); write it to a file and name that.")
        }
    }

    private static func written<Result>(to file: URL, _ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                .worker,
                "Cannot copy standard input to \(file.path): \(error.reason); make room, or give another folder.")
        }
    }
}
