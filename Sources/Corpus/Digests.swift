import Crypto

extension Sequence<UInt8> {
    /// Lower-case hexadecimal, two digits a byte.
    var hexadecimal: String {
        map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}

extension String {
    /// SHA-256 of the text's UTF-8, in hexadecimal.
    var sha256: String { SHA256.hash(data: Array(utf8)).hexadecimal }
}
