import Communication
import Corpus
import Experiment
import Foundation
import Tensors

// What the ranks of a launch agree on before there is a trainer.

/// The fingerprint that all ranks have.
/// - Throws: `Failure(.worker)` naming the ranks and hosts that differ from rank 0.
func agreedFingerprint<Link: Communicator>(
    _ settings: LaunchSettings, kernels: Kernels, link: Link
) throws -> [UInt8] {
    let hosts = try hostNames(settings.host, link: link)
    let sets = try link.allGather([settings.kernels]).map { $0[0] }
    if let weakest = sets.min(), let strongest = sets.max(), weakest != strongest {
        let weakRanks = sets.indices.filter { sets[$0] == weakest }
        let odd = Set(weakRanks.map { hosts[$0] }).sorted().joined(separator: ", ")
        throw Failure(
            .usage,
            "The hosts' kernel sets differ: \(odd) runs \(weakest.rawValue), others \(strongest.rawValue); start "
                + "all with --kernels \(weakest.rawValue).")
    }
    let own = Fingerprint.compute(kernels: kernels)
    let all = try link.allGather(own)
    let odd = all.indices.filter { all[$0] != all[0] }
    guard odd.isEmpty else {
        let names = odd.map { "rank \($0) on \(hosts[$0])" }.joined(separator: ", ")
        throw Failure(
            .worker,
            "Arithmetic differs between hosts with kernel set \(settings.kernels.rawValue): \(names) from rank 0 "
                + "on \(hosts[0]). Install the same libraries on all, leave that host out, or try --kernels avx2.")
    }
    return own
}

/// The host of every rank.
func hostNames<Link: Communicator>(_ own: String, link: Link) throws -> [String] {
    var padded = Array(own.utf8.prefix(255))
    padded += Array(repeating: 0, count: 256 - padded.count)
    return try link.allGather(padded).map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// What the hosts of a launch can give its ranks.
public struct AvailableMemory: Sendable {
    private let ranks: Int
    private let hosts: Int
    /// Of the host that has the least.
    private let hostBytes: Int
    /// Of the rank that has the most before its first arena.
    private let residentBytes: Int

    /// All ranks come together here.
    public init<Link: Communicator>(link: Link) throws {
        ranks = link.ranks
        hosts = Set(link.firstOnHosts).count
        hostBytes = try link.allGather([HostMemory.limitBytes ?? .max]).map { $0[0] }.min() ?? .max
        residentBytes = try link.allGather([HostMemory.residentBytes]).map { $0[0] }.max() ?? 0
    }

    /// - Throws: `Failure(.usage)` for a run that does not fit, with settings that would.
    public func require(for config: RunConfig, shape: ModelShape) throws {
        // More ranks than slots have a refusal of their own.
        guard ranks <= config.slots else { return }
        let plan = MemoryPlan(config: config, shape: shape, ranks: ranks, hosts: hosts, baseBytes: residentBytes)
        if let refusal = MemoryCheck(plan, hostBytes: hostBytes).refusal { throw refusal }
    }
}

/// What rank 0 tells the others of the run.
struct SharedSetup: Codable {
    let configYAML: String
    let corpus: CorpusManifest
    /// `APUS_SCRATCH` of the launch: other hosts' ranks may be without it.
    let scratch: String?
    let resumes: Bool
    let beginsOnTrunk: Bool
    let evaluations: [Double]

    init(_ folder: RunFolder) throws {
        configYAML = folder.config.yaml
        corpus = try CorpusManifest(of: folder.corpus)
        scratch = ProcessInfo.processInfo.environment[LocalScratch.variable]
        resumes = folder.checkpoint != nil
        beginsOnTrunk = folder.beginsOnTrunk
        evaluations = folder.evaluations
    }

    static func share<Link: Communicator>(_ folder: RunFolder?, link: Link) throws -> SharedSetup {
        let own = try folder.map { Array(try JSONEncoder().encode(SharedSetup($0))) }
        return try JSONDecoder().decode(SharedSetup.self, from: Data(link.broadcast(own ?? [], from: 0)))
    }
}

/// How a rank's part of a common piece of work ended.
private struct Ending<Value: Codable>: Codable {
    /// One, or none after a failure.
    var value: [Value] = []
    var code: Int32 = 0
    var message = ""

    /// - Throws: what ends the launch by itself: the ranks cannot talk any more.
    init(_ body: () throws -> Value) throws {
        do {
            value = [try body()]
        } catch let error as CommunicationError {
            throw error
        } catch let failure as Failure {
            (code, message) = (failure.code.rawValue, failure.message)
        } catch {
            (code, message) = (ExitCode.worker.rawValue, "\(error)")
        }
    }

    var failure: Failure? {
        guard value.isEmpty else { return nil }
        return Failure(ExitCode(rawValue: code) ?? .worker, message)
    }
}

extension Communicator {
    /// Every rank runs `body`; all of them call this, and sleep until the last is done.
    /// - Returns: what came of it on each rank.
    /// - Throws: on all ranks alike, the `Failure` of the first rank that had one.
    func together<Value: Codable>(_ body: () throws -> Value) throws -> [Value] {
        let own = Array(try JSONEncoder().encode(Ending(body)))
        try idleBarrier()
        let lengths = try allGather([own.count]).map { $0[0] }
        let padding = [UInt8](repeating: 0, count: (lengths.max() ?? 0) - own.count)
        let endings = try zip(lengths, allGather(own + padding)).map { length, bytes in
            try JSONDecoder().decode(Ending<Value>.self, from: Data(bytes.prefix(length)))
        }
        for ending in endings { if let failure = ending.failure { throw failure } }
        return endings.flatMap(\.value)
    }
}
