import CMPI
import Foundation
import Tensors

/// The ranks that `mpirun` started. One per process; MPI is ended by `finalize` or `abort`.
public final class MPICommunicator: Communicator {
    public let rank: Int
    public let ranks: Int
    public let firstOnHosts: [Int]
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
        var first = [Int32](repeating: 0, count: ranks)
        let split = apus_mpi_first_on_hosts(&first)
        firstOnHosts = first.map(Int.init)
        try check(split, "MPI_Comm_split_type")
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

    public func exchange(_ bytes: [UInt8], to receiver: Int?, into incoming: inout [UInt8], from sender: Int?) throws {
        let error = apus_mpi_exchange(
            bytes, bytes.count, Int32(receiver ?? -1), &incoming, incoming.count, Int32(sender ?? -1))
        try check(
            error,
            "MPI_Sendrecv to rank \(receiver.map(String.init) ?? "none") from rank \(sender.map(String.init) ?? "none")"
        )
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
        if ProcessInfo.processInfo.environment["APUS_SHARED_MEMORY"] == "0" {
            return .unavailable("APUS_SHARED_MEMORY=0 forbids it")
        }
        var own = apus_shared()
        let error = apus_shared_create(count * MemoryLayout<Float>.stride, &own)
        defer { if error == 0 { apus_shared_close(&own) } }
        let errors = try hostAllGather(error)
        let all = try hostAllGather(own)
        if let error = errors.first(where: { $0 != 0 }) {
            let bytes = count * MemoryLayout<Float>.stride
            return .unavailable(
                "\(bytes >> 20) MiB for each cannot be had (memfd_create: \(Self.text(ofErrno: error)))")
        }
        let mapping = Mapping(all)
        // All have mapped, or have tried to, before anybody closes.
        if let error = try hostAllGather(mapping.error).first(where: { $0 != 0 }) {
            return .unavailable("/proc does not let them open each other's memory (\(Self.text(ofErrno: error)))")
        }
        return .segments(mapping.segments, owner: mapping)
    }

    private static func text(ofErrno error: Int32) -> String { String(cString: strerror(error)) }

    /// A value of each rank of this host, in their order.
    private func hostAllGather<Value: BitwiseCopyable>(_ value: Value) throws -> [Value] {
        var own = value
        var all = Array(repeating: value, count: firstOnHosts.count { $0 == firstOnHosts[rank] })
        try check(apus_mpi_host_all_gather(&own, MemoryLayout<Value>.stride, &all), "MPI_Allgather on a host")
        return all
    }
}

/// Segments of the ranks of a host, as this one sees them.
private final class Mapping {
    private(set) var segments: [Floats] = []
    /// An errno, when one of them could not be mapped.
    private(set) var error: Int32 = 0

    init(_ all: [apus_shared]) {
        for shared in all where error == 0 {
            var shared = shared
            var address: UnsafeMutableRawPointer?
            error = apus_shared_map(&shared, &address)
            guard error == 0, let address else { continue }
            let count = Int(shared.bytes) / MemoryLayout<Float>.stride
            segments.append(Floats(base: address.bindMemory(to: Float.self, capacity: count), count: count))
        }
    }

    deinit {
        for segment in segments { apus_shared_unmap(segment.base, segment.count * MemoryLayout<Float>.stride) }
    }
}
