import Manifest
import Testing

@testable import API

@Suite("Queries")
struct QueryItemsTests {
    @Test("Escapes and plus signs are decoded as Go encodes them")
    func decoding() throws {
        let query = try QueryItems("labelSelector=a+in+%28b%2Cc%29&watch=1&empty=&flag&x=%C3%A9")
        #expect(query["labelSelector"] == "a in (b,c)")
        #expect(query.isTrue("watch"))
        #expect(query["empty"] == "")
        #expect(query["flag"] == "")
        #expect(query["x"] == "\u{e9}")
        #expect(query["other"] == nil)
    }

    @Test("What is encoded is decoded to the same")
    func roundTrip() throws {
        let items = [("labelSelector", "app in (a,b), !c=d+e%"), ("n\u{e9}", "100%&=?#")]
        let query = try QueryItems(QueryItems.encode(items))
        for (name, value) in items { #expect(query[name] == value) }
    }

    @Test("Broken escapes are the client's fault", arguments: ["a=%", "a=%4", "a=%zz", "a=%ff"])
    func broken(_ text: String) {
        #expect(throws: APIStatus.self) { try QueryItems(text) }
    }

    @Test("Numbers must be whole and not negative", arguments: ["a=-1", "a=x", "a=1.5"])
    func numbers(_ text: String) throws {
        let query = try QueryItems(text)
        #expect(throws: APIStatus.self) { try query.number("a") }
    }

    @Test("A field that nobody selects by is named, with those that are")
    func fieldSelector() throws {
        let filter = try ObjectFilter("metadata.name=web,metadata.namespace!=test", kind: .virtualMachine)
        #expect(filter.matches(Samples.machine("web")))
        #expect(!filter.matches(Samples.machine("web", namespace: "test")))
        #expect(filter.name == "web")
        let error = #expect(throws: APIStatus.self) { try ObjectFilter("spec.x=1", kind: .virtualMachine) }
        #expect(error?.message.contains("metadata.name") == true)
    }
}
