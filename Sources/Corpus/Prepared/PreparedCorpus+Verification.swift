import Crypto
import Experiment
import Foundation

extension PreparedCorpus {
    /// Reads every file, on all cores. Throws `Failure(.badData)` naming the first one that was altered, or whose ids
    /// are outside of the vocabulary.
    func verify() throws {
        var files: [VerifiedFile] = []
        for source in index.sources {
            for side in CorpusSide.allCases {
                let counts = source.side(side)
                files.append(VerifiedFile(shard: counts.places, stream: nil, firstToken: 0))
                var first = 0
                for shard in counts.shards {
                    let stream = "\(side.rawValue) shards of \(source.name)"
                    files.append(VerifiedFile(shard: shard, stream: stream, firstToken: first))
                    first += shard.tokens
                }
            }
        }
        let (folder, element, vocabulary) = (folder, index.dtype, vocabulary)
        let cores = ProcessInfo.processInfo.activeProcessorCount
        _ = try files.concurrentMap(jobs: cores) { try $0.verify(in: folder, element: element, vocabulary: vocabulary) }
    }
}

/// A file of a corpus that is to be verified.
private struct VerifiedFile: Sendable {
    let shard: CorpusIndex.Shard
    /// What its tokens are part of; nil for places, which are none.
    let stream: String?
    /// Of the shard, in that stream.
    let firstToken: Int

    func verify(in folder: URL, element: CorpusIndex.ElementType, vocabulary: Int) throws {
        let file = folder.appending(component: shard.file)
        var hash = SHA256()
        var tokens = 0
        var odd: (position: Int, id: UInt32)?
        try FileChunks.forEach(of: file) { chunk in
            hash.update(data: chunk)
            guard stream != nil, odd == nil else { return }
            if let found = element.firstID(in: chunk, from: vocabulary) { odd = (tokens + found.position, found.id) }
            tokens += chunk.count / element.bytes
        }
        guard hash.finalize().hexadecimal == shard.sha256 else {
            throw Failure(
                .badData,
                "The token shard \(file.path) was altered: its SHA-256 is not that of the index; prepare the corpus again."
            )
        }
        if let odd, let stream {
            throw Failure(
                .badData,
                "Token \(firstToken + odd.position) of the \(stream) in \(folder.path) is \(odd.id), outside of the "
                    + "vocabulary of \(vocabulary); prepare the corpus again.")
        }
    }
}

/// Files in pieces of a megabyte, read rather than mapped: a mapped page counts as memory of the process.
enum FileChunks {
    static let bytes = 1 << 20

    static func forEach(of file: URL, _ body: ([UInt8]) throws -> Void) throws {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            while let data = try handle.read(upToCount: bytes), !data.isEmpty { try body([UInt8](data)) }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw Failure(
                .badData, "Cannot read the token shard \(file.path) (\(error.reason)); prepare the corpus again.")
        }
    }
}

extension CorpusIndex.ElementType {
    /// The first id in stored bytes that is not below `vocabulary`, with its position.
    func firstID(in stored: [UInt8], from vocabulary: Int) -> (position: Int, id: UInt32)? {
        // Of 65,536 ids every stored one is good.
        guard vocabulary < 1 << (8 * bytes) else { return nil }
        let limit = UInt32(vocabulary)
        for position in 0..<stored.count / bytes {
            let id = self.id(in: stored, at: position)
            if id >= limit { return (position, id) }
        }
        return nil
    }

    /// Ids from how they are stored.
    func decode(_ stored: [UInt8]) -> [Int32] {
        (0..<stored.count / bytes).map { Int32(bitPattern: id(in: stored, at: $0)) }
    }

    private func id(in stored: [UInt8], at position: Int) -> UInt32 {
        switch self {
        case .uint16: UInt32(stored[2 * position]) | UInt32(stored[2 * position + 1]) << 8
        case .uint32:
            (0..<4).reduce(0) { $0 | UInt32(stored[4 * position + $1]) << UInt32(8 * $1) }
        }
    }
}
