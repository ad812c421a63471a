"""WACZ 1.1.1: WARC files, their index, a list of pages and a manifest in one ZIP file.

knows: the ZIP container, datapackage.json, the compressed CDXJ index, anonymous signatures.
never knows: which captures belong into a bundle, what a page says.
neighbours: warc.check and warc.cdxj (below); work.preservation calls it.

Format: https://specs.webrecorder.net/wacz/1.1.1/ and https://specs.webrecorder.net/wacz-auth/0.1.0/.
"""
