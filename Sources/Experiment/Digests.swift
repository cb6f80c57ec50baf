import Crypto

extension String {
    /// SHA-256 of the text's UTF-8, in hexadecimal.
    public var sha256: String { SHA256.hash(data: Array(utf8)).hexadecimal }
}
