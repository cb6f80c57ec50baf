/// The shape of a GPT-2: all that its parameter count and its FLOPs depend on. The one place where both are counted;
/// the trainer, the tables, the plans and the fits ask here.
public struct ModelShape: Sendable, Equatable, Hashable, Codable {
    public var layers: Int
    public var width: Int
    public var heads: Int
    public var context: Int
    public var vocabulary: Int

    public init(layers: Int, width: Int, heads: Int, context: Int, vocabulary: Int) {
        self.layers = layers
        self.width = width
        self.heads = heads
        self.context = context
        self.vocabulary = vocabulary
    }

    public var headWidth: Int { width / heads }
    public var feedForwardWidth: Int { 4 * width }

    /// Tokens whose logits are held at a time: a tile of at most 4 Mi floats, but at least 512 rows, since a product
    /// packs the whole token table for every tile (with 50,304 ids, tiles of 83 rows cost the head a quarter of its
    /// speed). A function of the vocabulary alone, so that the bits are too.
    public var logitTileRows: Int { max(512, (4 << 20) / vocabulary) }

    /// Parameters of one block: two norms (4 d), attention (4 d² + 4 d), feed-forward (8 d² + 5 d).
    public var parametersPerBlock: Int { 12 * width * width + 13 * width }
    /// Without token and position embeddings; biases and norms counted (DESIGN §6).
    public var nonEmbeddingParameters: Int { layers * parametersPerBlock + 2 * width }
    /// The head's V d parameters, which are the token embedding's: they are tied.
    public var headParameters: Int { vocabulary * width }
    /// Non-embedding parameters and the head.
    public var parametersWithHead: Int { nonEmbeddingParameters + headParameters }
    /// All parameters, a tied head once.
    public var totalParameters: Int { nonEmbeddingParameters + headParameters + context * width }

    /// Training FLOPs per token, forward and backward: 6 (12 L d² + V d) + 12 L T d; the causal mask not discounted.
    public var flopsPerToken: Int {
        6 * (12 * layers * width * width + vocabulary * width) + 12 * layers * context * width
    }

    /// Kaplan's C = 6 N D with all parameters.
    public func flops6ND(tokens: Int) -> Double { 6 * Double(totalParameters) * Double(tokens) }
    /// `flopsPerToken` over the tokens.
    public func flopsExact(tokens: Int) -> Double { Double(flopsPerToken) * Double(tokens) }
}
