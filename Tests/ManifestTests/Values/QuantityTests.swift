import Manifest
import Testing

@Suite struct QuantityTests {
    @Test(
        "Equal amounts have one canonical text",
        arguments: [
            ("1536Mi", "1536Mi"), ("1.5Gi", "1536Mi"), ("1610612736", "1536Mi"), ("128Mi", "128Mi"),
            ("0.125Gi", "128Mi"),
            ("4G", "4G"), ("4000M", "4G"), ("4e9", "4G"), ("4E9", "4G"), ("1000Ki", "1000Ki"), ("1024k", "1000Ki"),
            ("0", "0"), ("0Mi", "0"), ("-0", "0"), ("+5", "5"), (".5Gi", "512Mi"), ("5.", "5"), ("1", "1"),
            ("1000", "1k"),
            ("1500m", "1500m"), ("1.5", "1500m"), ("100u", "100u"), ("1n", "1n"), ("1e-3", "1m"), ("1E", "1E"),
            ("1Ei", "1Ei"), ("7Ei", "7Ei"), ("9223372036854775807", "9223372036854775807"), ("0.000000001", "1n"),
            ("1024Ki", "1Mi"), ("10e-1", "1"), ("0.5Ki", "512"),
        ])
    func canonical(text: String, canonical: String) throws {
        let quantity = try #require(Quantity(text))
        #expect(quantity.description == canonical)
        #expect(Quantity(canonical) == quantity)
    }

    @Test(
        "What is no quantity, or can't be kept exactly, is refused",
        arguments: [
            "", "Mi", ".", "-", "1.2.3", "1 Mi", "1mi", "1MiB", "1MB", "1KB", "1Kib", "1e", "1e+", "0x10", "٣", "1K",
            "8Ei",
            "1e19", "9223372036854775808", "0.1n", "1e-10", "1e99999999999999999999", "NaN", "1i", "12x", "--1", "１",
        ])
    func refused(text: String) {
        #expect(Quantity(text) == nil)
    }

    @Test("Amounts are ordered by size, and whole ones are integers")
    func order() throws {
        let ordered = ["-1", "0", "1n", "999m", "1", "1k", "1Ki", "1M", "1Mi"].compactMap(Quantity.init)
        #expect(ordered.count == 9)
        #expect(ordered == ordered.shuffled().sorted())
        #expect(Quantity("1.5Gi")?.whole == 1_610_612_736)
        #expect(Quantity("1.5")?.whole == nil)
        #expect(Quantity(1 << 30).description == "1Gi")
        #expect(Quantity(Int64.min).whole == .min)
    }
}
