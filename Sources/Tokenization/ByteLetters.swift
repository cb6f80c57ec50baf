/// GPT-2's visible letter for every byte, in which vocabularies and merges are written: printable bytes stand for
/// themselves, the others for the letters from U+0100 on, in order.
enum ByteLetters {
    /// The bytes in the order of GPT-2's ids: the printable ones, then the others.   [256]
    static let order: [UInt8] = {
        let visible = Array(33...126) + Array(161...172) + Array(174...255)
        let others = (0...255).filter { !visible.contains($0) }
        return (visible + others).map { UInt8($0) }
    }()

    /// The place of each byte in `order`: GPT-2's id for it.   [256]
    static let places: [Int32] = {
        var places = [Int32](repeating: 0, count: 256)
        for (place, byte) in order.enumerated() { places[Int(byte)] = Int32(place) }
        return places
    }()

    /// Code point of each byte's letter.   [256]
    private static let letters: [UInt32] = {
        var letters = [UInt32](repeating: 0, count: 256)
        for (place, byte) in order.enumerated() {
            letters[Int(byte)] = place < 188 ? UInt32(byte) : 256 + UInt32(place - 188)
        }
        return letters
    }()

    /// The byte of each letter below U+0144; -1 for none.   [324]
    private static let bytes: [Int16] = {
        var bytes = [Int16](repeating: -1, count: 324)
        for (byte, letter) in letters.enumerated() { bytes[Int(letter)] = Int16(byte) }
        return bytes
    }()

    /// Bytes as letters, in UTF-8.
    static func text(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        for byte in bytes {
            let letter = letters[Int(byte)]
            if letter < 0x80 {
                text.append(UInt8(letter))
            } else {
                text.append(UInt8(0xC0 | letter >> 6))
                text.append(UInt8(0x80 | letter & 0x3F))
            }
        }
        return text
    }

    /// The bytes of letters in UTF-8; nil where a character is none of the letters.
    static func bytes(of text: [UInt8]) -> [UInt8]? {
        var found: [UInt8] = []
        found.reserveCapacity(text.count)
        var position = 0
        while position < text.count {
            var letter = Int(text[position])
            position += 1
            if letter >= 0x80 {
                guard letter & 0xE0 == 0xC0, position < text.count else { return nil }
                letter = (letter & 0x1F) << 6 | Int(text[position] & 0x3F)
                position += 1
            }
            guard letter < bytes.count, bytes[letter] >= 0 else { return nil }
            found.append(UInt8(bytes[letter]))
        }
        return found
    }
}
