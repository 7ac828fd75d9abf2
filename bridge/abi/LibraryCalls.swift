public import CModelShelf
internal import ModelShelf
internal import ShelfBase

private let versionText = CText(ModelShelfVersion.text)
private let okText = CText("ok")
private let internalText = CText(ErrorCode.internalError.rawValue)
private let statusTexts: [Int32: CText] = Dictionary(
    ErrorCode.table.map { ($0.status, CText($0.code.rawValue)) }, uniquingKeysWith: { first, _ in first })

@c @implementation public func ms_abi_version() -> Int32 { ModelShelfVersion.abi }

@c @implementation public func ms_version() -> UnsafePointer<CChar>! { versionText.address }

@c @implementation public func ms_status_name(_ status: ms_status) -> UnsafePointer<CChar>! {
    status == 0 ? okText.address : (statusTexts[status] ?? internalText).address
}
