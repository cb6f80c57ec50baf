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
        var cpu: String
        var cores: Int
        var kernelSets: [String]
        var kernels: String
        var blasCore: String
        var blasThreads: Int
        var blas: String
        var sgemmGflops: Double
        var mpi: String
        var fingerprint: String
    }

    func run() throws {
        let kernels = try kernelOption.pinned()
        guard Launch.isParallel else { return try show([findings(kernels, host: ProcessInfo.processInfo.hostName)]) }
        let link = try MPICommunicator()
        var own = findings(kernels, host: MPICommunicator.host)
        own.mpi = MPICommunicator.library
        (own.rank, own.ranks) = (link.rank, link.ranks)
        var bytes = Array(try JSONEncoder().encode(own))
        bytes += Array(repeating: UInt8(ascii: " "), count: 4_096 - bytes.count)
        let all = try link.allGather(bytes)
        if link.rank == 0 {
            try show(try all.map { try JSONDecoder().decode(Findings.self, from: Data($0)) })
        }
        try link.finalize()
    }

    private func findings(_ kernels: Kernels, host: String) -> Findings {
        let sets = KernelSet.allCases.filter(\.isSupported).map(\.rawValue)
        return Findings(
            host: host, rank: 0, ranks: 1, cpu: processorName(), cores: ProcessInfo.processInfo.activeProcessorCount,
            kernelSets: sets, kernels: kernels.set.rawValue, blasCore: BLAS.coreName, blasThreads: BLAS.threads,
            blas: BLAS.configuration, sgemmGflops: MatrixProductRate.measure(), mpi: "not started",
            fingerprint: Fingerprint.compute(kernels: kernels).hexadecimal)
    }

    private func show(_ all: [Findings]) throws {
        for one in all {
            if json {
                print(try jsonText(one))
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
