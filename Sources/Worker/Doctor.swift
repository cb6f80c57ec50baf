import ArgumentParser
import Communication
import Experiment
import Foundation
import Tensors
import Training

struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What this host is, and whether its arithmetic is what Apus needs; under mpirun, of every rank.")

    @Flag(help: "One JSON object per host.") var json = false
    @OptionGroup var kernelOption: KernelOption

    /// What one rank finds.
    struct Findings: Codable {
        var host: String
        var rank: Int
        var ranks: Int
        var mpi: String
        var kernels: String
        var fingerprint: String
        var cpu = processorName()
        var cores = ProcessInfo.processInfo.activeProcessorCount
        var kernelSets = KernelSet.allCases.filter(\.isSupported).map(\.rawValue)
        var blasCore = BLAS.coreName
        var blasThreads = BLAS.threads
        var blas = BLAS.configuration
        var sgemmGflops = MatrixProductRate.measure()

        init(_ kernels: Kernels, host: String, link: some Communicator, mpi: String) {
            (self.host, rank, ranks, self.mpi) = (host, link.rank, link.ranks, mpi)
            self.kernels = kernels.set.rawValue
            fingerprint = Fingerprint.compute(kernels: kernels).hexadecimal
        }
    }

    func run() throws {
        let kernels = try kernelOption.pinned()
        guard Launch.isParallel else {
            let host = ProcessInfo.processInfo.hostName
            return try show([Findings(kernels, host: host, link: OneProcess(), mpi: "not started")])
        }
        let link = try MPICommunicator()
        let own = Findings(kernels, host: MPICommunicator.host, link: link, mpi: MPICommunicator.library)
        var bytes = Array(try JSONEncoder().encode(own))
        bytes += Array(repeating: UInt8(ascii: " "), count: 4_096 - bytes.count)
        let all = try link.allGather(bytes)
        if link.rank == 0 {
            try show(try all.map { try JSONDecoder().decode(Findings.self, from: Data($0)) })
        }
        try link.finalize()
    }

    private func show(_ all: [Findings]) throws {
        for one in all {
            if json {
                print(try SnakeCaseJSON.text(one))
                continue
            }
            print(
                """
                \(one.host), rank \(one.rank) of \(one.ranks)
                  CPU          \(one.cpu), \(one.cores) cores
                  kernel set   \(one.kernels) of \(one.kernelSets.joined(separator: ", "))
                  OpenBLAS     \(one.blasCore), \(one.blasThreads) thread: \(one.blas)
                  SGEMM        \(rounded(one.sgemmGflops, 0)) GFLOP/s per core
                  MPI          \(one.mpi)
                  arithmetic   \(one.fingerprint.prefix(16))…
                """)
        }
        let odd = all.filter { $0.fingerprint != all[0].fingerprint }
        guard odd.isEmpty else {
            throw Failure(
                .worker,
                "Arithmetic differs: \(odd.map { "rank \($0.rank) on \($0.host)" }.joined(separator: ", ")) "
                    + "from rank 0 on \(all[0].host); install the same libraries on all hosts.")
        }
    }
}
