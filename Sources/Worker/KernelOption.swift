import ArgumentParser
import Experiment
import Tensors

extension KernelSet: ExpressibleByArgument {}

/// The kernel set of a command that works on this machine alone.
struct KernelOption: ParsableArguments {
    @Option(help: "Kernel set: avx512, avx2 or baseline; the strongest that this machine runs unless given.")
    var kernels: KernelSet?

    /// Makes this process run with the set.
    func pinned() throws -> Kernels {
        let set = kernels ?? .strongest
        try PinnedProcess.ensure(set)
        return Kernels(set)
    }
}
