import Communication
import Corpus
import Experiment
import Foundation

/// Has all ranks open the same corpus: where rank 0 has it, or, on hosts that do not see it there, in their local
/// scratch, into which it is sent where no earlier launch has left it.
///
/// The first rank of each host acts for it. Work is done in phases that all ranks enter and leave together, so that what
/// goes wrong on one host ends all of them with the same sentence.
struct CorpusDelivery<Link: Communicator> {
    /// Rank 0's corpus.
    let manifest: CorpusManifest
    /// Of this host.
    let scratch: LocalScratch
    /// Name of every rank's host.
    let hosts: [String]
    let link: Link
    /// Where this host looks for rank 0's folder; the same path, but for tests in which hosts are simulated.
    var seenFolder: URL
    /// Bytes that are on their way at a time, and held in memory twice.
    var pieceBytes = 8 << 20
    /// Told, on rank 0, what a person should know.
    let tell: (String) -> Void

    init(
        manifest: CorpusManifest, scratch: LocalScratch, hosts: [String], link: Link, tell: @escaping (String) -> Void
    ) {
        self.manifest = manifest
        self.scratch = scratch
        self.hosts = hosts
        self.link = link
        self.tell = tell
        seenFolder = URL(fileURLWithPath: manifest.folder)
    }

    /// - Parameter own: rank 0's corpus; nil on other ranks.
    /// - Throws: on all ranks alike, `Failure(.worker)` naming a host that has no room, `Failure(.badData)` naming what
    ///   arrived altered.
    func open(_ own: PreparedCorpus?) throws -> PreparedCorpus {
        let found = try link.together { actsForHost ? find() : nil }
        var folders = found.map { $0?.folder }
        let lacking = link.firstOnHosts.indices.filter {
            $0 > 0 && link.firstOnHosts[$0] == $0 && found[$0] == nil
        }
        tellOfEarlier(found)
        if !lacking.isEmpty {
            for (rank, folder) in zip(lacking, try deliver(to: lacking)) { folders[rank] = folder }
        }
        return try opened(own, in: folders[link.firstOnHosts[link.rank]])
    }

    /// Rank 0's host has it.
    private var actsForHost: Bool { link.rank > 0 && link.firstOnHosts[link.rank] == link.rank }

    /// The corpus on this host; nil when it is nowhere.
    private func find() -> Found? {
        if manifest.isHeld(by: seenFolder) { return Found(folder: seenFolder.path, isSent: false) }
        return scratch.delivered(manifest).map { Found(folder: $0.path, isSent: true) }
    }

    /// Where a host has the corpus.
    private struct Found: Codable {
        let folder: String
        /// An earlier launch brought it.
        let isSent: Bool
    }

    /// - Parameter folder: where this host has it; nil on rank 0's host.
    private func opened(_ own: PreparedCorpus?, in folder: String?) throws -> PreparedCorpus {
        var corpus = own
        _ = try link.together {
            guard corpus == nil else { return true }
            let there = try PreparedCorpus(
                opening: folder.map { URL(fileURLWithPath: $0) } ?? seenFolder, verifying: false)
            guard there.contentDigest == manifest.contentDigest else {
                throw Failure(
                    .badData,
                    "The corpus in \(there.folder.path) on host \(scratch.host) is not rank 0's; remove it there, or use a "
                        + "shared folder.")
            }
            corpus = there
            return true
        }
        guard let corpus else { throw Failure(.worker, "The corpus \(manifest.folder) was not opened; launch again.") }
        return corpus
    }
}

// MARK: - Sending

extension CorpusDelivery {
    /// - Parameter lacking: the first ranks of the hosts that the corpus is sent to.
    /// - Returns: where each of these has it now.
    private func deliver(to lacking: [Int]) throws -> [String] {
        var incoming: IncomingCorpus?
        do {
            _ = try link.together {
                if lacking.contains(link.rank) { incoming = try IncomingCorpus(manifest, in: scratch) }
                return true
            }
            tell(
                "Sending \(Self.text(bytes: manifest.bytes)) of token shards to \(lacking.count) "
                    + "\(lacking.count == 1 ? "host" : "hosts"): \(names(lacking)).")
            let clock = Stopwatch()
            try sendFiles(along: [0] + lacking, incoming, clock)
            let folders = try link.together { try incoming?.move().path }
            tellOfDelivery(folders, to: lacking, seconds: clock.seconds)
            return lacking.compactMap { folders[$0] }
        } catch let failure as Failure {
            // All ranks have this failure, and all hosts are clean before the first rank ends the launch.
            incoming?.remove()
            try link.barrier()
            throw failure
        }
    }

    /// The pieces go down a chain of ranks, each to the next one only: no link carries a byte twice, and all work at once.
    private func sendFiles(along chain: [Int], _ incoming: IncomingCorpus?, _ clock: Stopwatch) throws {
        var sent = 0
        var told = 0.0
        for file in manifest.files {
            _ = try link.together {
                if let place = chain.firstIndex(of: link.rank) {
                    let next = place + 1 < chain.count ? chain[place + 1] : nil
                    if let incoming {
                        try relay(file, from: chain[place - 1], to: next, into: incoming)
                    } else {
                        try send(file, to: next)
                    }
                }
                return true
            }
            sent += file.bytes
            if clock.seconds - told > 15 {
                told = clock.seconds
                tell("Sent \(Self.text(bytes: sent)) of \(Self.text(bytes: manifest.bytes)).")
            }
        }
    }

    /// Sends a file of rank 0. After an error nothing sensible is sent any more, but as much as the others expect.
    private func send(_ file: CorpusManifest.File, to next: Int?) throws {
        let url = URL(fileURLWithPath: manifest.folder).appending(component: file.name)
        var failure: Failure?
        var nothing: [UInt8] = []
        let handle = try? FileHandle(forReadingFrom: url)
        defer { try? handle?.close() }
        for count in pieces(of: file) {
            var piece = (try? handle?.read(upToCount: count)).flatMap { $0.map { [UInt8]($0) } } ?? []
            if piece.count != count {
                failure = Failure(
                    .badData, "Cannot read \(url.path) to send it to other hosts; prepare the corpus again.")
                piece = [UInt8](repeating: 0, count: count)
            }
            try link.exchange(piece, to: next, into: &nothing, from: nil)
        }
        if let failure { throw failure }
    }

    /// Receives a file, and passes each piece on while the next one arrives.
    private func relay(
        _ file: CorpusManifest.File, from previous: Int, to next: Int?, into incoming: IncomingCorpus
    ) throws {
        incoming.begin(file)
        var last: [UInt8] = []
        var piece: [UInt8] = []
        for count in pieces(of: file) {
            if piece.count != count { piece = [UInt8](repeating: 0, count: count) }
            try link.exchange(last, to: last.isEmpty ? nil : next, into: &piece, from: previous)
            incoming.append(piece[...])
            swap(&last, &piece)
        }
        var nothing: [UInt8] = []
        if !last.isEmpty { try link.exchange(last, to: next, into: &nothing, from: nil) }
        try incoming.end(file)
    }

    /// Bytes of the pieces of a file, in order.
    private func pieces(of file: CorpusManifest.File) -> [Int] {
        stride(from: 0, to: file.bytes, by: pieceBytes).map { min(pieceBytes, file.bytes - $0) }
    }
}

// MARK: - Telling

extension CorpusDelivery {
    private func tellOfEarlier(_ found: [Found?]) {
        let earlier = found.indices.filter { found[$0]?.isSent ?? false }
        if !earlier.isEmpty { tell("\(places(earlier, found.map { $0?.folder })) from an earlier launch.") }
    }

    private func tellOfDelivery(_ folders: [String?], to lacking: [Int], seconds: Double) {
        let rate = Double(manifest.bytes) / 1e6 / seconds
        tell(
            "Sent \(Self.text(bytes: manifest.bytes)) of token shards in \(String(format: "%.1f s, %.0f MB/s", seconds, rate)); "
                + "\(places(lacking, folders)) for the next launch.")
    }

    /// Which hosts keep the corpus where.
    private func places(_ ranks: [Int], _ folders: [String?]) -> String {
        let byFolder = Dictionary(grouping: ranks) { folders[$0] ?? "" }
        return byFolder.sorted { $0.key < $1.key }.map { folder, ranks in
            "\(names(ranks)) \(ranks.count == 1 ? "has" : "have") the corpus in \(folder)"
        }.joined(separator: ", ")
    }

    private func names(_ ranks: [Int]) -> String { ranks.map { hosts[$0] }.joined(separator: ", ") }

    private static func text(bytes: Int) -> String {
        bytes < 1_000_000_000
            ? String(format: "%.1f MB", Double(bytes) / 1e6) : String(format: "%.1f GB", Double(bytes) / 1e9)
    }
}
