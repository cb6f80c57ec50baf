import Foundation
import Yams

extension ModelConfig {
    /// The `model` section of a configuration, whatever else is in it: what a checkpoint's `config` attribute tells.
    /// - Throws: `ConfigurationError`.
    public init(yaml: String, source: String) throws {
        let problems = ProblemList()
        let root = try? Yams.compose(yaml: yaml)
        guard let root, let section = root.mapping?["model"] else {
            throw ConfigurationError(source: source, problems: ["`model` is missing."])
        }
        self = decodeModel(StrictMapping(section, path: "model", problems: problems))
        if width % heads != 0 { problems.add("`model.width` \(width) is not divisible by `model.heads` \(heads).") }
        guard problems.sentences.isEmpty else { throw ConfigurationError(source: source, problems: problems.sentences) }
    }

    /// A `model` section by itself: the configuration of a checkpoint that no run of ours made.
    public var yaml: String {
        let vocabulary = vocabulary.map { ", vocabulary: \($0)" } ?? ""
        let heads = mup?.baseHeads.map { ", base_heads: \($0)" } ?? ""
        let mup = mup.map { ", mup: {base_width: \($0.baseWidth)\(heads)}" } ?? ""
        return """
            model:      {layers: \(layers), width: \(width), heads: \(self.heads), context: \(context)\(vocabulary), \
            dropout: \(dropout)\(mup)}

            """
    }
}
