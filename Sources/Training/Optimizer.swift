import Communication
import Experiment
import Tensors
import Transformer

/// AdamW on the shards that this rank owns (ZeRO-1, Rajbhandari et al. 2020): its moments exist nowhere else.
/// Owned floats lie one shard after another, in the order of the arena.
final class ShardedAdamW {
    private let config: OptimizerConfig
    private let kernels: Kernels
    private let segments: [Segment]
    let firstMoment: Arena
    let secondMoment: Arena
    /// What this rank owns, as ranges of the arena.
    let owned: [Range<Int>]
    /// Floats that this rank owns.
    let ownedCount: Int

    /// Blocks of the arena that this rank owns, as ranges.
    let ownedBlocks: [Range<Int>]

    /// Consecutive owned elements of one tensor.
    private struct Segment {
        let inArena: Range<Int>
        let inShards: Range<Int>
        let decays: Bool
        let rateFactor: Double
    }

    /// - Parameter parametrization: decides each tensor's share of the learning rate.
    init(
        config: OptimizerConfig, layout: ParameterLayout, parametrization: Parametrization, shards: Shards, rank: Int,
        kernels: Kernels
    ) {
        self.config = config
        self.kernels = kernels
        owned = shards.owned(by: rank)
        ownedCount = shards.ownedCount(by: rank)
        ownedBlocks = owned.flatMap { shard in
            stride(from: shard.lowerBound, to: shard.upperBound, by: ParameterLayout.blockSize).map {
                $0..<($0 + ParameterLayout.blockSize)
            }
        }
        var segments: [Segment] = []
        Self.overlaps(of: owned, with: layout.tensors.map(\.region.range)) { tensor, inArena, inShards in
            let tensor = layout.tensors[tensor]
            segments.append(
                Segment(
                    inArena: inArena, inShards: inShards, decays: tensor.shape.count >= 2,
                    rateFactor: parametrization.rateFactor(tensor)))
        }
        self.segments = segments
        let count = Self.floatsOfMoment(shards: shards, rank: rank)
        firstMoment = Arena(count: count)
        secondMoment = Arena(count: count)
    }

    /// Every owned range of the arena, and where it is among the owned floats.
    func forEachOwned(_ body: (Range<Int>, Range<Int>) -> Void) {
        var place = 0
        for range in owned {
            body(range, place..<(place + range.count))
            place += range.count
        }
    }

    /// Floats of each of the two moments of a rank's shards.
    static func floatsOfMoment(shards: Shards, rank: Int) -> Int { max(1, shards.ownedCount(by: rank)) }

    /// Every piece of `ranges` that is owned: which range, where in the arena, and where among the owned floats.
    static func overlaps(
        of owned: [Range<Int>], with ranges: [Range<Int>], _ body: (Int, Range<Int>, Range<Int>) -> Void
    ) {
        var place = 0
        for shard in owned {
            for (index, range) in ranges.enumerated() {
                let part = range.clamped(to: shard)
                guard !part.isEmpty else { continue }
                let start = place + part.lowerBound - shard.lowerBound
                body(index, part, start..<(start + part.count))
            }
            place += shard.count
        }
    }

    /// Update number `number` (from 1) of the owned parameters.
    /// - Parameters:
    ///   - gradients: [arena], the sums over the owned floats.
    ///   - scale: what makes them the clipped gradient of the mean loss.
    func update(_ parameters: Floats, gradients: Floats, number: Int, learningRate: Double, scale: Double) {
        var settings = AdamWSettings(
            learningRate: Float(learningRate), beta1: Float(config.beta1), beta2: Float(config.beta2),
            epsilon: Float(config.epsilon), weightDecay: 0, gradientScale: Float(scale),
            biasCorrection1: Float(1 - PortableMath.power(config.beta1, number)),
            rootBiasCorrection2: Float((1 - PortableMath.power(config.beta2, number)).squareRoot()))
        for segment in segments {
            settings.learningRate = Float(learningRate * segment.rateFactor)
            settings.weightDecay = segment.decays ? Float(config.weightDecay / segment.rateFactor) : 0
            kernels.adamw(
                parameters[segment.inArena], gradients: gradients[segment.inArena],
                firstMoment: firstMoment.floats[segment.inShards], secondMoment: secondMoment.floats[segment.inShards],
                settings: settings)
        }
    }
}
