import Communication
import Corpus
import Experiment
import Tensors
import Transformer

/// The bytes that a run's ranks and hosts will take, from its configuration: the sums of what the types that allocate
/// say of themselves. Nothing is allocated.
///
/// A rank's bytes are its resident memory as the system counts it at its peak: all that is private to it, and every page
/// that it touches of what its host's ranks share. A host's bytes count what is shared once.
public struct MemoryPlan: Sendable {
    public let config: RunConfig
    public let shape: ModelShape
    public let reduction: ReductionPlan
    /// Floats of an arena of the model's layout.
    public let arenaCount: Int
    /// Bytes of a process before the first arena: executable, libraries, and buffers of BLAS and MPI.
    public let baseBytes: Int
    /// Of these, pages of the executable and of libraries, which ranks of a host have in common.
    public let sharedBaseBytes: Int
    /// Bytes of the token shards, which every rank maps and the system can drop at any time.
    public let corpusBytes: Int
    private let largestTensor: Int

    /// - Precondition: hosts <= ranks <= slots.
    public init(
        config: RunConfig, shape: ModelShape, ranks: Int, hosts: Int, baseBytes: Int, sharedBaseBytes: Int = 0,
        corpusBytes: Int = 0
    ) {
        let layout = GPT2(shape: shape, kernels: Kernels(.baseline)).layout
        let shards = Shards(blocks: layout.blocks, blockSize: ParameterLayout.blockSize, ranks: ranks)
        self.config = config
        self.shape = shape
        self.baseBytes = baseBytes
        self.sharedBaseBytes = min(sharedBaseBytes, baseBytes)
        self.corpusBytes = corpusBytes
        reduction = ReductionPlan(tree: SlotTree(slots: config.slots), shards: shards, hosts: hosts)
        arenaCount = layout.arenaCount
        largestTensor = layout.tensors.map(\.region.count).max() ?? 0
    }

    /// What a rank's memory is for.
    public func parts(ofRank rank: Int) -> [MemoryReport.Part] {
        let partials = reduction.partials(ofRank: rank)
        let arenas = SlotGradients<OneProcess>.arenas(for: partials)
        let batches = 2 * Batch.bytes(capacity: config.batch.slot, context: shape.context)
        let parts = [
            MemoryReport.Part(name: "parameters, one copy per host", bytes: floats(arenaCount), isShared: true),
            MemoryReport.Part(
                name: "gradients: \(arenas) \(arenas == 1 ? "arena" : "arenas")", bytes: arenas * floats(arenaCount),
                isShared: false),
            MemoryReport.Part(
                name: "both moments of its shards, 1/\(reduction.ranks) of the model",
                bytes: 2 * floats(ShardedAdamW.floatsOfMoment(shards: reduction.shards, rank: rank)), isShared: false),
            MemoryReport.Part(
                name: "its shards of the gradients of other ranks on its host",
                bytes: floats(reduction.floatsRead(byRank: rank)), isShared: true),
            MemoryReport.Part(
                name: "messages of other hosts", bytes: floats(reduction.floatsReceived(byRank: rank)), isShared: false),
            MemoryReport.Part(
                name: "activations of a slot of \(config.batch.slot * shape.context) tokens",
                bytes: activationBytes + batches, isShared: false),
            MemoryReport.Part(
                name: "for a moment: its shards set aside, or a tensor of a checkpoint",
                bytes: floats(max(reduction.shards.ownedCount(by: rank), rank == 0 ? largestTensor : 0)),
                isShared: false),
            MemoryReport.Part(name: "token shards, mapped", bytes: corpusBytes, isShared: true),
            MemoryReport.Part(name: "executable and libraries", bytes: sharedBaseBytes, isShared: true),
            MemoryReport.Part(
                name: "the process itself, BLAS and MPI", bytes: baseBytes - sharedBaseBytes, isShared: false),
        ]
        return parts.filter { $0.bytes > 0 }
    }

    /// Resident bytes of a rank at its peak.
    public func bytes(ofRank rank: Int) -> Int { parts(ofRank: rank).reduce(0) { $0 + $1.bytes } }

    /// What only this rank has.
    private func privateBytes(ofRank rank: Int) -> Int {
        parts(ofRank: rank).filter { !$0.isShared }.reduce(0) { $0 + $1.bytes }
    }

    /// Bytes of all ranks of a host together, what they share once. Their gradients lie there too, but are counted
    /// with their owners.
    public func bytes(ofHost host: Int) -> Int {
        reduction.ranks(ofHost: host).reduce(floats(arenaCount) + corpusBytes + sharedBaseBytes) {
            $0 + privateBytes(ofRank: $1)
        }
    }

    /// Bytes of a host that the system cannot take back: without the mapped token shards.
    public func heldBytes(ofHost host: Int) -> Int { bytes(ofHost: host) - corpusBytes }

    /// Parameters and partial gradients in the shared memory of a host; 0 where a rank is alone.
    public func sharedBytes(ofHost host: Int) -> Int {
        let ranks = reduction.ranks(ofHost: host)
        guard ranks.count > 1 else { return 0 }
        return (1 + ranks.reduce(0) { $0 + reduction.partials(ofRank: $1).count }) * floats(arenaCount)
    }

    /// The rank, and the host, that needs the most.
    public var largestRank: Int { (0..<reduction.ranks).max { bytes(ofRank: $0) < bytes(ofRank: $1) } ?? 0 }
    public var largestHost: Int { (0..<reduction.hosts).max { bytes(ofHost: $0) < bytes(ofHost: $1) } ?? 0 }

    /// Bytes that the busiest rank, and the busiest host, sends to other hosts in a step.
    public var bytesSentPerRank: Int { floats((0..<reduction.ranks).map(reduction.floatsSent).max() ?? 0) }
    public var messagesSentPerRank: Int { (0..<reduction.ranks).map(reduction.messagesSent).max() ?? 0 }
    public var bytesSentPerHost: Int {
        let hosts = (0..<reduction.hosts).map { host in
            reduction.ranks(ofHost: host).reduce(0) { $0 + reduction.floatsSent(byRank: $1) }
        }
        return floats(hosts.max() ?? 0)
    }

    /// Slots of the rank that has the most.
    public var slotsOfBusiestRank: Int { (config.slots + reduction.ranks - 1) / reduction.ranks }

    private var activationBytes: Int {
        floats(Workspace.floats(shape: shape, sequences: config.batch.slot, recomputes: config.recompute))
            + config.batch.slot * shape.context * MemoryLayout<Double>.stride
    }

    private func floats(_ count: Int) -> Int { count * MemoryLayout<Float>.stride }
}
