import ArgumentParser
import Experiment
import Tensors

extension KernelSet: ExpressibleByArgument {}

/// The kernel set of a command that trains nothing that lasts.
struct KernelOption: ParsableArguments {
    @Option(help: "Kernel set: avx512, avx2 or baseline; the strongest that all hosts run unless given.")
    var kernels: KernelSet?

    /// Makes this process run with the set.
    func pinned() throws -> Kernels {
        let set = kernels ?? Launch.strongestKernels
        try PinnedProcess.ensure(set)
        return Kernels(set)
    }
}
