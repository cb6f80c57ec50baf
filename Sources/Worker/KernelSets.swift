import ArgumentParser
import Tensors

struct KernelSets: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernels", abstract: "The kernel sets that this machine runs, the strongest last, on one line.")

    func run() { print(KernelSet.allCases.filter(\.isSupported).map(\.rawValue).joined(separator: " ")) }
}
