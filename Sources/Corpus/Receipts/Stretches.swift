import Experiment

/// An unbroken stretch of a document, and its tokens.
public struct Stretch: Sendable, Equatable {
    /// In the order of the side's stream, from 0.
    public let number: Int
    /// Where its text comes from.
    public let place: Place
    /// Its tokens in the side's stream, the end-of-text behind it included.
    public let tokens: Range<Int>
    /// Its tokens without that end-of-text.
    public let textTokens: Range<Int>
}

/// The stretches of one side of a source. Each is checked when it is asked for, since the file that tells them may hold
/// anything.
public struct Stretches: Sendable {
    /// The source's index.
    public let source: CorpusIndex.Source
    /// Which side of it.
    public let side: CorpusSide
    /// The side's tokens.
    public let stream: TokenStream
    private let places: Places
    /// Tokens that end a stretch: 1 where the tokenizer has end-of-text.
    private let endTokens: Int

    /// One side of one source of a corpus.
    public init(_ corpus: PreparedCorpus, source: Int, side: CorpusSide) {
        let prepared = corpus.sources[source]
        self.source = prepared.index
        self.side = side
        stream = prepared.stream(side)
        places = prepared.places(side)
        endTokens = corpus.index.endOfText == nil ? 0 : 1
    }

    /// How many there are.
    public var count: Int { places.count }

    /// The stretch with this number. Throws `Failure(.badData)` for one that does not fit the stream.
    public func stretch(_ number: Int) throws -> Stretch {
        let place = places[number]
        let end = number + 1 < count ? places[number + 1].firstToken : stream.count
        guard place.firstToken >= 0, place.firstToken <= end - endTokens, end <= stream.count,
            number > 0 || place.firstToken == 0
        else { throw odd(number, "tokens \(place.firstToken) to \(end) of \(stream.count)") }
        guard place.file >= 0, place.file < max(1, source.files.count) else {
            throw odd(number, "file \(place.file) of \(source.files.count)")
        }
        guard place.document >= 0, place.line >= 0, place.offset >= 0, place.bytes >= 0,
            !place.offset.addingReportingOverflow(max(place.bytes, end - place.firstToken)).overflow
        else { throw odd(number, "a number below 0, or too large a one") }
        let tokens = place.firstToken..<end
        return Stretch(number: number, place: place, tokens: tokens, textTokens: tokens.dropLast(endTokens))
    }

    /// The stretch that a token of the stream is in; end-of-text is in what it ends. O(log count).
    public func stretch(ofToken token: Int) throws -> Stretch {
        guard count > 0 else { throw odd(0, "nothing at all") }
        let stretch = try stretch(places.index(ofToken: token))
        guard stretch.tokens.contains(token) else { throw odd(stretch.number, "tokens in another order") }
        return stretch
    }

    /// The path of a stretch's file; nil for the calibration source.
    public func file(of stretch: Stretch) -> String? {
        source.files.isEmpty ? nil : source.files[stretch.place.file].path
    }

    /// What the places count: bytes of text, or ids where the file holds token ids.
    public func countsIDs(_ stretch: Stretch) -> Bool {
        file(of: stretch).map { FileKind(name: $0).format == .tokens } ?? true
    }

    private func odd(_ number: Int, _ what: String) -> Failure {
        Failure(
            .badData,
            "The places (\(source.side(side).places.file)) of the \(side.rawValue) side of \(source.name) do not fit its "
                + "tokens: stretch \(number) has \(what); prepare the corpus again.")
    }
}

extension Range<Int> {
    fileprivate func dropLast(_ count: Int) -> Range<Int> { lowerBound..<upperBound - count }
}
