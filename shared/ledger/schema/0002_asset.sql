-- Where the units of one good are: the accounts of its asset.
CREATE INDEX ledger_account_asset ON ledger_account (asset, code);
