import Communication
import Experiment
import Foundation
import SimulatedRanks
import Synchronization
import Testing

@testable import Corpus
@testable import Training

/// Corpora for hosts that do not see rank 0's folder.
@Suite("Corpus delivery")
struct CorpusDeliveryTests {
    @Test("what a host lacks arrives bit for bit, down a chain; hosts that see the corpus are sent nothing")
    func delivers() throws {
        let cluster = try SimulatedCluster(hosts: [0, 0, 1, 1, 2, 3, 3], seeing: [0, 2])
        let launch = try cluster.launch()
        #expect(launch.failures.isEmpty)
        let bytes = cluster.manifest.bytes
        #expect(launch.bytesSent == [bytes, 0, bytes, 0, 0, 0, 0])
        for (rank, host) in cluster.hosts.enumerated() {
            let folder = try #require(launch.folders[rank])
            #expect(folder == ([0, 2].contains(host) ? cluster.corpus.folder.path : cluster.place(host).path))
        }
        for host in [1, 3] {
            for file in cluster.manifest.files {
                #expect(
                    try Data(contentsOf: cluster.place(host).appending(component: file.name))
                        == Data(contentsOf: cluster.corpus.folder.appending(component: file.name)), "\(file.name)")
            }
            let attributes = try FileManager.default.attributesOfItem(atPath: cluster.scratch(host).parent.path)
            #expect(attributes[.posixPermissions] as? Int == 0o700)
            #expect(try cluster.left(on: host) == [cluster.place(host).lastPathComponent])
        }
        #expect(launch.messages.contains { $0.contains("to 2 hosts: host1, host3") })
        #expect(launch.messages.contains { $0.contains("MB/s") && $0.contains(cluster.place(1).path) })
    }

    @Test("the next launch finds what was delivered, and a damaged delivery is made good")
    func later() throws {
        let cluster = try SimulatedCluster(hosts: [0, 1, 1], seeing: [0])
        #expect(try cluster.launch().bytesSent[0] > 0)
        let second = try cluster.launch()
        #expect(second.bytesSent == [0, 0, 0] && second.failures.isEmpty)
        #expect(second.messages.count == 1 && second.messages[0].contains("earlier launch"))

        let shard = cluster.place(1).appending(component: cluster.manifest.files[1].name)
        try Self.flipLastByte(of: shard)
        // What a killed launch left goes, too.
        try FileManager.default.createDirectory(
            at: cluster.scratch(1).parent.appending(component: ".partial-x"), withIntermediateDirectories: false)
        let third = try cluster.launch()
        #expect(third.bytesSent[0] == cluster.manifest.bytes && third.failures.isEmpty)
        #expect(try shard.contentSHA256() == cluster.manifest.files[1].sha256)
        #expect(try cluster.left(on: 1) == [cluster.place(1).lastPathComponent])
    }

    @Test("a host's own copy at the same path is used when its hashes agree, and not when a byte differs")
    func ownCopy() throws {
        let cluster = try SimulatedCluster(hosts: [0, 1, 2], seeing: [0, 1])
        let copy = cluster.folder.appending(component: "copy")
        try FileManager.default.copyItem(at: cluster.corpus.folder, to: copy)
        #expect(cluster.manifest.isHeld(by: copy))
        try Self.flipLastByte(of: copy.appending(component: cluster.manifest.files[0].name))
        #expect(!cluster.manifest.isHeld(by: copy))
        try FileManager.default.removeItem(at: copy.appending(component: cluster.manifest.files[0].name))
        #expect(!cluster.manifest.isHeld(by: copy))
        #expect(cluster.manifest.isHeld(by: cluster.corpus.folder))
    }

    @Test("a shard that arrives altered ends all ranks with its name, and leaves nothing behind")
    func altered() throws {
        let cluster = try SimulatedCluster(hosts: [0, 1, 2, 2], seeing: [0])
        let name = cluster.manifest.files[2].name
        try Self.flipLastByte(of: cluster.corpus.folder.appending(component: name))
        try cluster.expectFailure(.badData, name, "host1", "altered")
    }

    @Test("a shard that rank 0 cannot read any more ends all ranks, and none waits for ever")
    func unreadable() throws {
        let cluster = try SimulatedCluster(hosts: [0, 1, 2], seeing: [0])
        let file = cluster.corpus.folder.appending(component: cluster.manifest.files[1].name)
        try Data([1]).write(to: file)
        try cluster.expectFailure(.badData, file.path, "Cannot read")
    }

    @Test("a host whose scratch cannot be used ends all ranks with its name, its folder and what to set")
    func noScratch() throws {
        let cluster = try SimulatedCluster(hosts: [0, 1, 2, 2], seeing: [0])
        try FileManager.default.removeItem(at: cluster.root(2))
        try cluster.expectFailure(
            .worker, "host2", cluster.scratch(2).parent.path, "\(cluster.manifest.bytes) bytes", "APUS_SCRATCH")
    }

    @Test("a scratch folder that somebody else may have made is refused: a link, or one that is open to others")
    func unsafeScratch() throws {
        let cluster = try SimulatedCluster(hosts: [0, 1], seeing: [0])
        let parent = cluster.scratch(1).parent
        try FileManager.default.createSymbolicLink(at: parent, withDestinationURL: cluster.root(0))
        try cluster.expectFailure(.worker, "host1", "0700")
        try FileManager.default.removeItem(at: parent)
        try FileManager.default.createDirectory(
            at: parent, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o777])
        try cluster.expectFailure(.worker, "host1", "0700")
    }

    @Test("a corpus larger than the free space is refused before a byte is sent")
    func noRoom() throws {
        var cluster = try SimulatedCluster(hosts: [0, 1], seeing: [0])
        let file = try #require(cluster.manifest.files.first)
        cluster.manifest = try cluster.changed("\"bytes\":\(file.bytes)", to: "\"bytes\":\(1 << 58)")
        try cluster.expectFailure(.worker, "host1", "no room", "are free")
    }

    @Test("an offered file whose name leads out of the folder is refused")
    func hostileName() throws {
        var cluster = try SimulatedCluster(hosts: [0, 1], seeing: [0])
        cluster.manifest = try cluster.changed("\"tokenizer.json\"", to: "\"..\\/tokenizer.json\"")
        try cluster.expectFailure(.badData, "../tokenizer.json")
    }

    @Test("scratch is this host's APUS_SCRATCH, else the launch's, else TMPDIR, else /tmp")
    func whichScratch() {
        func parent(_ environment: [String: String], launch: String? = nil) -> String {
            LocalScratch(host: "x", launch: launch, environment: environment).parent.path
        }
        let name = "apus-corpora-\(getuid())"
        #expect(parent(["APUS_SCRATCH": "/a", "TMPDIR": "/c"], launch: "/b") == "/a/\(name)")
        #expect(parent(["TMPDIR": "/c"], launch: "/b") == "/b/\(name)")
        #expect(parent(["APUS_SCRATCH": "", "TMPDIR": "/c"]) == "/c/\(name)")
        #expect(parent([:]) == "/tmp/\(name)")
    }

    private static func flipLastByte(of file: URL) throws {
        var data = try Data(contentsOf: file)
        data[data.count - 1] ^= 1
        try data.write(to: file)
    }
}

/// Hosts in one process: each with a scratch folder of its own, some of which do not see rank 0's corpus.
private struct SimulatedCluster {
    /// A mark per rank.
    let hosts: [Int]
    let seeing: Set<Int>
    let corpus: PreparedCorpus
    var manifest: CorpusManifest
    private let temporary: RemovedFolder

    init(hosts: [Int], seeing: Set<Int>) throws {
        self.hosts = hosts
        self.seeing = seeing
        temporary = try RemovedFolder()
        let config = CorpusConfig(
            calibration: CalibrationConfig(alphabet: 16, key: 1, value: 1, exponent: 0.5, tokens: 9000))
        corpus = try CorpusPreparation.prepare(
            config, out: temporary.url.appending(component: "corpus"), shardTokens: 3000)
        manifest = try CorpusManifest(of: corpus)
        for host in Set(hosts) {
            try FileManager.default.createDirectory(at: root(host), withIntermediateDirectories: false)
        }
    }

    var folder: URL { temporary.url }
    func root(_ host: Int) -> URL { folder.appending(component: "host\(host)") }
    func scratch(_ host: Int) -> LocalScratch { LocalScratch(host: "host\(host)", root: root(host)) }
    func place(_ host: Int) -> URL { scratch(host).place(of: corpus.contentDigest) }

    /// What is in a host's scratch, but for the lock.
    func left(on host: Int) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: scratch(host).parent.path).filter { $0 != ".lock" }
    }

    /// The manifest with a piece of its JSON replaced.
    func changed(_ text: String, to other: String) throws -> CorpusManifest {
        let json = String(decoding: try JSONEncoder().encode(manifest), as: UTF8.self)
        try #require(json.contains(text))
        return try JSONDecoder().decode(
            CorpusManifest.self, from: Data(json.replacingOccurrences(of: text, with: other).utf8))
    }

    /// What came of a launch, by rank.
    struct Outcome {
        var folders: [String?]
        var failures: [Failure]
        var bytesSent: [Int]
        var messages: [String]
    }

    func launch() throws -> Outcome {
        let messages = Mutex<[String]>([])
        let cluster = self
        let endings = try SimulatedRanks.run(hosts.count, hosts: hosts) { link in
            let host = cluster.hosts[link.rank]
            var delivery = CorpusDelivery(
                manifest: cluster.manifest, scratch: cluster.scratch(host), hosts: cluster.hosts.map { "host\($0)" },
                link: link, tell: { text in if link.rank == 0 { messages.withLock { $0.append(text) } } })
            delivery.pieceBytes = 1000
            if !cluster.seeing.contains(host) { delivery.seenFolder = cluster.folder.appending(component: "unseen") }
            do {
                let opened = try delivery.open(link.rank == 0 ? cluster.corpus : nil)
                return (opened.folder.path as String?, nil as Failure?, link.bytesSent)
            } catch let failure as Failure {
                return (nil, failure, link.bytesSent)
            }
        }
        return Outcome(
            folders: endings.map(\.0), failures: endings.compactMap(\.1), bytesSent: endings.map(\.2),
            messages: messages.withLock { $0 })
    }

    /// A launch that ends on all ranks with one sentence, and leaves nothing in any scratch.
    func expectFailure(_ code: ExitCode, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        let failures = try launch().failures
        #expect(failures.count == hosts.count, sourceLocation: sourceLocation)
        #expect(Set(failures.map(\.message)).count == 1, sourceLocation: sourceLocation)
        for failure in failures.prefix(1) {
            #expect(failure.code == code, sourceLocation: sourceLocation)
            for word in words {
                #expect(failure.message.contains(word), "\(failure.message)", sourceLocation: sourceLocation)
            }
        }
        for host in Set(hosts) {
            #expect((try? left(on: host)) ?? [] == [], sourceLocation: sourceLocation)
        }
    }
}

/// A folder that goes away with the test.
private final class RemovedFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent("apus-delivery-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }
}
