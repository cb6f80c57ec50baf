import CMPI
import Tensors

/// The ranks that `mpirun` started. One per process; MPI is ended by `finalize` or `abort`.
public final class MPICommunicator: Communicator {
    public let rank: Int
    public let ranks: Int
    private let requests: OpaquePointer

    /// Joins the other ranks.
    public init() throws {
        let error = apus_mpi_init()
        guard error == 0, let requests = apus_mpi_requests_create() else {
            throw CommunicationError(operation: "MPI_Init", rank: -1, reason: "error \(error)")
        }
        rank = Int(apus_mpi_rank())
        ranks = Int(apus_mpi_size())
        self.requests = requests
    }

    deinit { apus_mpi_requests_free(requests) }

    /// Leaves, together with all other ranks.
    public func finalize() throws { try check(apus_mpi_finalize(), "MPI_Finalize") }

    /// Ends all ranks at once, so that none waits for this one for ever.
    public func abort(code: Int32) -> Never {
        apus_mpi_abort(code)
        fatalError("MPI_Abort returned")
    }

    /// The library's version line.
    public static var library: String { text(apus_mpi_library) }
    /// The name of this rank's host.
    public static var host: String { text(apus_mpi_host) }

    private static func text(_ fill: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
        var buffer = [CChar](repeating: 0, count: 512)
        fill(&buffer, buffer.count)
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private func check(_ error: Int32, _ operation: @autoclosure () -> String) throws {
        guard error != 0 else { return }
        let reason = Self.text { apus_mpi_error_text(error, $0, $1) }
        throw CommunicationError(operation: operation(), rank: rank, reason: reason)
    }

    public func barrier() throws { try check(apus_mpi_barrier(), "MPI_Barrier") }
    public func idleBarrier() throws { try check(apus_mpi_idle_barrier(), "MPI_Ibarrier") }

    public func hostBarrier() throws { try check(apus_mpi_host_barrier(), "MPI_Barrier on a host") }

    public var firstOnHosts: [Int] {
        get throws {
            var first = [Int32](repeating: 0, count: ranks)
            try check(apus_mpi_first_on_hosts(&first), "MPI_Comm_split_type")
            return first.map(Int.init)
        }
    }

    public func allGather<Value: BitwiseCopyable>(_ values: [Value], into all: inout [Value]) throws {
        precondition(all.count == ranks * values.count, "room for every rank's values")
        try check(
            apus_mpi_all_gather(values, values.count * MemoryLayout<Value>.stride, &all), "MPI_Allgather")
    }

    public func broadcast(_ floats: Floats, from root: Int) throws {
        try check(
            apus_mpi_broadcast(floats.base, floats.count * MemoryLayout<Float>.stride, Int32(root)), "MPI_Bcast")
    }

    public func broadcast(_ bytes: [UInt8], from root: Int) throws -> [UInt8] {
        var count = bytes.count
        try check(apus_mpi_broadcast(&count, MemoryLayout<Int>.size, Int32(root)), "MPI_Bcast")
        var result = rank == root ? bytes : [UInt8](repeating: 0, count: count)
        try check(apus_mpi_broadcast(&result, count, Int32(root)), "MPI_Bcast")
        return result
    }

    public func sumInPlace(_ floats: Floats) throws {
        try check(apus_mpi_all_sum(floats.base, floats.count), "MPI_Allreduce")
    }

    public func startSending(_ message: Message) throws {
        let error = apus_mpi_start_send(
            requests, message.floats.base, message.floats.count, Int32(message.peer), Int32(message.tag))
        try check(error, "MPI_Isend to rank \(message.peer)")
    }

    public func startReceiving(_ message: Message) throws {
        let error = apus_mpi_start_receive(
            requests, message.floats.base, message.floats.count, Int32(message.peer), Int32(message.tag))
        try check(error, "MPI_Irecv from rank \(message.peer)")
    }

    public func progress() throws { try check(apus_mpi_progress(), "MPI_Iprobe") }

    public func completeMessages() throws { try check(apus_mpi_wait_all(requests), "MPI_Waitall") }

    public func shareMemory(count: Int) throws -> SharedMemory {
        let first = try firstOnHosts
        let members = first.count { $0 == first[rank] }
        var segments = [UnsafeMutableRawPointer?](repeating: nil, count: members)
        var sizes = [Int](repeating: 0, count: members)
        var needed = 0
        var available = 0
        let bytes = count * MemoryLayout<Float>.stride
        try check(apus_mpi_share(bytes, &segments, &sizes, &needed, &available), "MPI_Win_allocate_shared")
        let shared = zip(segments, sizes).compactMap { segment, size in
            segment.map {
                let count = size / MemoryLayout<Float>.stride
                return Floats(base: $0.bindMemory(to: Float.self, capacity: count), count: count)
            }
        }
        if shared.count == members { return .segments(shared) }
        return .unavailable(
            available > needed
                ? "the message library gives them no shared window (MPI_Win_allocate_shared)"
                : "they need \(needed >> 20) MiB in /dev/shm, which has \(available >> 20) MiB free")
    }
}
