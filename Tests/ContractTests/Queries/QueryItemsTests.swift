import Testing

@testable import Contract

@Suite("Queries")
struct QueryItemsTests {
    @Test("Escapes and plus signs are decoded as Go encodes them")
    func decoding() throws {
        let query = try QueryItems("labelSelector=a+in+%28b%2Cc%29&watch=1&consistency=&follow&fieldSelector=%C3%A9")
        #expect(query[.labelSelector] == "a in (b,c)")
        #expect(query.isTrue(.watch))
        #expect(query[.consistency] == "")
        #expect(query[.follow] == "")
        #expect(query[.fieldSelector] == "\u{e9}")
        #expect(query[.dryRun] == nil)
    }

    @Test("What is encoded is decoded to the same")
    func roundTrip() throws {
        let items = [("labelSelector", "app in (a,b), !c=d+e%"), ("n\u{e9}", "100%&=?#")]
        let query = try QueryItems(QueryItems.encode(items))
        #expect(query[.labelSelector] == items[0].1)
        #expect(query == (try QueryItems(QueryItems.encode(items))))
    }

    @Test("Broken escapes are the client's fault", arguments: ["a=%", "a=%4", "a=%zz", "a=%ff"])
    func broken(_ text: String) {
        #expect(throws: APIStatus.self) { try QueryItems(text) }
    }

    /// Texts at the edges of what numbers are.
    static let edges = [
        "-1", "+1", "1.5", "1e3", "0x10", " 1", "x", "٣", "2147483648", "9007199254740992", "9223372036854775807",
        "9223372036854775808", "18446744073709551615", "18446744073709551616", "99999999999999999999999999",
    ]

    @Test("A value that a parameter can't have is the client's fault, and one that it can have fits its bounds")
    func parameters() throws {
        for parameter in QueryParameter.allCases {
            func read(_ value: String) throws(APIStatus) -> QueryItems {
                try QueryItems(QueryItems.encode([(parameter.rawValue, value)]))
            }
            switch parameter.form {
            case .flag:
                #expect(try read("true").isTrue(parameter) && read("1").isTrue(parameter))
                #expect(try !read("false").isTrue(parameter))
                #expect(throws: APIStatus.self) { try read("yes") }
            case .number(let range):
                #expect(range.lowerBound == 0 && range.upperBound < 1 << 62, "room must be left above")
                for edge in Self.edges + ["0", String(range.upperBound), String(range.upperBound + 1)] {
                    do throws(APIStatus) {
                        let number = try read(edge).number(parameter)
                        #expect(number.map(range.contains) == true, "\(parameter)=\(edge)")
                    } catch {
                        #expect(error.reason == .badRequest)
                        #expect(error.message.contains(parameter.rawValue) && error.message.contains(edge))
                    }
                }
                #expect(throws: APIStatus.self) { try read(String(range.upperBound + 1)) }
                #expect(try read(String(range.upperBound)).number(parameter) == range.upperBound)
                #expect(try read("").number(parameter) == nil)
            case .text(let most):
                #expect(try read(String(repeating: "a", count: most))[parameter]?.count == most)
                #expect(throws: APIStatus.self) { try read(String(repeating: "a", count: most + 1)) }
            }
        }
    }
}
