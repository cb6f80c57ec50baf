import Experiment
import Foundation

/// A small configuration in which only what must be given is given.
let minimalYAML = """
    name: small
    model: {layers: 2, width: 64, heads: 4, context: 32}
    corpus: {paths: [texts]}
    batch: {sequences: 24}
    schedule: {peak: 1e-3}
    steps: 100
    """

let sampleFolder = URL(fileURLWithPath: "/data/experiments", isDirectory: true)

func decode(_ yaml: String, set overrides: [String] = []) throws -> RunConfig {
    try RunConfig(yaml: yaml, source: "test.yaml", folder: sampleFolder, overrides: overrides)
}

func decode(set overrides: String...) throws -> RunConfig { try decode(minimalYAML, set: overrides) }

/// All that is wrong with the minimal configuration after `overrides`; empty when nothing is.
func problems(_ yaml: String = minimalYAML, set overrides: String...) -> [String] {
    do {
        _ = try decode(yaml, set: overrides)
        return []
    } catch let error as ConfigurationError {
        return error.problems
    } catch {
        return ["not a configuration error: \(error)"]
    }
}
