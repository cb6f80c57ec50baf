import Foundation

/// A CSV file that grows row by row for as long as a run goes on: first its columns, then whole rows. Rows that a full
/// disk does not take are kept and tried again; a torn last row, from a crash, is left out when the file is read.
final class RowFile {
    private let file: FileHandle
    private let path: String
    /// Rows that the disk has not taken yet, and the length of those that it has.
    private var pending = Data()
    private var length: UInt64

    /// Makes the file anew with these rows, so that nothing stands behind them.
    init(at url: URL, columns: [String], rows: [String]) throws {
        path = url.path
        let text = ([columns.joined(separator: ",")] + rows).map { $0 + "\n" }.joined()
        try DurableFile.replace(url, with: Data(text.utf8))
        file = try FileHandle(forWritingTo: url)
        length = try file.seekToEnd()
    }

    /// Appends rows. Those that the disk does not take are tried again with the next ones.
    func append(_ rows: [String]) {
        pending += Data(rows.map { $0 + "\n" }.joined().utf8)
        try? flush()
    }

    /// Makes the rows so far survive a crash of the machine.
    /// - Throws: `Failure(.worker)` when the disk does not take them.
    func synchronize() throws {
        do {
            try flush()
            try file.synchronize()
        } catch {
            throw Failure(.worker, "cannot append to \(path): \(error.localizedDescription)")
        }
    }

    private func flush() throws {
        guard !pending.isEmpty else { return }
        do {
            try file.write(contentsOf: pending)
        } catch {
            // Part of a row may have been written.
            try? file.truncate(atOffset: length)
            try? file.seek(toOffset: length)
            throw error
        }
        length += UInt64(pending.count)
        pending.removeAll(keepingCapacity: true)
    }

    /// The whole rows of a file, without its columns; none where there is no file.
    /// - Parameters:
    ///   - earlier: the first of `columns`, where files of earlier versions had no others: their rows are given empty
    ///     cells for the rest.
    ///   - name: what the file is, as in "ledger".
    /// - Throws: `Failure(.badData)` when it cannot be read, or has other columns.
    static func rows(
        of url: URL, columns: [String], earlier: [String]? = nil, name: String
    ) throws -> ArraySlice<Substring> {
        guard FileManager.default.fileExists(atPath: url.path) else { return [] }
        let text: String
        do {
            // Bytes that are no text make a line that is no row.
            text = String(decoding: try Data(contentsOf: url), as: UTF8.self)
        } catch {
            throw Failure(.badData, "Cannot read the \(name) \(url.path): \(error.localizedDescription)")
        }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        lines.removeLast()  // nothing after the last newline, or a torn row
        guard let header = lines.first else { return [] }
        if let earlier, header == earlier.joined(separator: ",") {
            let missing = String(repeating: ",", count: columns.count - earlier.count)
            return lines.dropFirst().map { $0 + missing }[...]
        }
        guard header == columns.joined(separator: ",") else {
            throw Failure(.badData, "\(url.path) is not a \(name): its first line is not the \(name)'s columns.")
        }
        return lines.dropFirst()
    }
}
