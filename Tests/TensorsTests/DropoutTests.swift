import Tensors
import Testing

@Suite("Dropout and AdamW")
struct DropoutTests {
    private static let key = SIMD2<UInt32>(11, 22)
    private static let counter = SIMD2<UInt32>(33, 44)

    /// What of `count` ones is left.
    private func mask(
        _ set: KernelSet, from first: Int = 0, count: Int, key: SIMD2<UInt32> = key,
        counter: SIMD2<UInt32> = counter, probability: Float = 0.3
    ) -> [Float] {
        let inputs = Inputs()
        let x = inputs.constant(1, count)
        Kernels(set).dropout(x, from: first, key: key, counter: counter, probability: probability)
        return x.array
    }

    @Test("the mask depends on key, counter and index, and on nothing else", arguments: KernelSet.supported)
    func dependsOnItsNumbers(set: KernelSet) {
        let whole = mask(set, count: 200)
        #expect(mask(set, count: 200) == whole)
        #expect(mask(.baseline, count: 200) == whole, "the same in every kernel set")
        #expect(mask(set, count: 200, key: SIMD2(11, 23)) != whole)
        #expect(mask(set, count: 200, key: SIMD2(12, 22)) != whole)
        #expect(mask(set, count: 200, counter: SIMD2(34, 44)) != whole)
        #expect(mask(set, count: 200, counter: SIMD2(33, 45)) != whole)
        for first in [1, 2, 3, 4, 15, 64, 199] {
            #expect(mask(set, from: first, count: 200 - first) == Array(whole[first...]), "pieces equal the whole")
        }
    }

    @Test(
        "the share that is dropped is about p, and what stays is scaled to keep the mean",
        arguments: KernelSet.supported)
    func share(set: KernelSet) {
        let count = 20_000
        for p in [0.05, 0.5, 0.9] as [Float] {
            let left = mask(set, count: count, probability: p)
            #expect(Set(left) == [0, 1 / (1 - p)])
            let dropped = Double(left.filter { $0 == 0 }.count) / Double(count)
            // Five standard deviations of a binomial; the numbers are fixed, so this fails always or never.
            let deviation = (Double(p) * Double(1 - p) / Double(count)).squareRoot()
            #expect(abs(dropped - Double(p)) < 5 * deviation, "dropped \(dropped) at \(p)")
        }
        #expect(mask(set, count: 100, probability: 0) == Array(repeating: 1, count: 100))
    }

    @Test("ten updates of AdamW follow PyTorch's formula in double", arguments: KernelSet.supported)
    func adamwOverSteps(set: KernelSet) {
        let inputs = Inputs()
        let count = 37
        let parameters = inputs.normals(count)
        let first = inputs.constant(0, count)
        let second = inputs.constant(0, count)
        var p = parameters.array.map(Double.init)
        var m = [Double](repeating: 0, count: count)
        var v = m
        let (rate, beta1, beta2, decay) = (1e-2, 0.9, 0.95, 0.1)
        var (power1, power2) = (1.0, 1.0)
        for _ in 1...10 {
            let gradients = inputs.normals(count)
            power1 *= beta1
            power2 *= beta2
            let settings = AdamWSettings(
                learningRate: Float(rate), beta1: Float(beta1), beta2: Float(beta2), epsilon: 1e-8,
                weightDecay: Float(decay), gradientScale: 1, biasCorrection1: Float(1 - power1),
                rootBiasCorrection2: Float((1 - power2).squareRoot()))
            Kernels(set).adamw(
                parameters, gradients: gradients, firstMoment: first, secondMoment: second, settings: settings)
            for i in 0..<count {
                let g = Double(gradients[i])
                p[i] *= 1 - rate * decay
                m[i] += (g - m[i]) * (1 - beta1)
                v[i] = v[i] * beta2 + g * g * (1 - beta2)
                let denominator = v[i].squareRoot() / (1 - power2).squareRoot() + 1e-8
                p[i] -= rate / (1 - power1) * m[i] / denominator
            }
        }
        // Ten updates of at most about 10 rates of 1e-2, each with settings rounded to float32.
        let tolerance = 10 * 10 * Outcome.rounding
        for i in 0..<count { #expect(abs(Double(parameters[i]) - p[i]) <= tolerance) }
    }
}
